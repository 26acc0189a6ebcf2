/** Numbers and names for people. Pure. */

const MINUS = '−';

function withMinus(text: string): string {
  return text.replace('-', MINUS);
}

/** One decimal with a true minus sign; `–` where there is no energy or nothing known. */
export function formatDb(levelDb: number | null | undefined, decimals = 1): string {
  if (levelDb === null || levelDb === undefined || !Number.isFinite(levelDb)) return '–';
  return withMinus(levelDb.toFixed(decimals));
}

export interface LevelReference {
  /** Unit text beside the number. */
  readonly unit: string;
  readonly label: 'calibrated' | 'uncalibrated';
}

/** Without a calibration in force a level is never called dB SPL. */
export function levelReference(calibrationId: string | null): LevelReference {
  return calibrationId === null ? { unit: 'dB re FS', label: 'uncalibrated' } : { unit: 'dB SPL', label: 'calibrated' };
}

/** 0..1 as a whole percentage. */
export function formatPercent(share: number, decimals = 0): string {
  return `${(share * 100).toFixed(decimals)} %`;
}

/** `crying_baby` reads `crying baby`. */
export function formatLabel(label: string): string {
  return label.replaceAll('_', ' ');
}

export function formatHz(frequencyHz: number): string {
  if (frequencyHz < 1000) return `${Number(frequencyHz.toFixed(frequencyHz < 100 ? 1 : 0))} Hz`;
  return `${Number((frequencyHz / 1000).toFixed(2))} kHz`;
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** 0.4 s, 12.3 s, 4 min 5 s, 3 h 10 min, 2 d 4 h. */
export function formatDuration(durationS: number): string {
  if (durationS < 60) return `${durationS.toFixed(durationS < 10 && !Number.isInteger(durationS) ? 1 : 0)} s`;
  const whole = Math.round(durationS);
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 86_400) return pair(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
  return pair(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h');
}

function pair(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first} ${firstUnit}` : `${first} ${firstUnit} ${second} ${secondUnit}`;
}

const NOMINAL_BANDS = [
  '25', '31.5', '40', '50', '63', '80', '100', '125', '160', '200', '250', '315', '400', '500', '630', '800',
  '1k', '1.25k', '1.6k', '2k', '2.5k', '3.15k', '4k', '5k', '6.3k', '8k', '10k', '12.5k', '16k', '20k',
]; // prettier-ignore

/** Nominal name of the third-octave band 25 Hz x 10^(index/10). */
export function thirdOctaveName(index: number): string {
  return NOMINAL_BANDS[index] ?? '';
}
