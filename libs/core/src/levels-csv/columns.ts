import { thirdOctaveBand } from '../levels/index.js';

/** Bands of the file that are kept: 25 Hz to 12.5 kHz. The file's 20 Hz band has no place among our bands. */
export const CSV_BANDS = 28;

const LABELS = Array.from({ length: CSV_BANDS }, (_, index) => thirdOctaveBand(index).label);

/** Where the columns of a levels file are; undefined: not there. */
export interface Columns {
  readonly count: number;
  readonly epoch: number;
  readonly laeq: number;
  readonly leq: number | undefined;
  readonly sensor: number | undefined;
  /** Index i: nominal band 25 Hz x 10^(i/10). */
  readonly bands: readonly (number | undefined)[];
}

/** The text of a cell without surrounding spaces and quotes. */
export const cellText = (text: string): string => {
  const bare = text.trim();
  return bare.length >= 2 && bare.startsWith('"') && bare.endsWith('"') ? bare.slice(1, -1).trim() : bare;
};

/** Reads the first line. A string says why it can't be used. */
export const readColumns = (header: string): Columns | string => {
  const names = header.split(',').map((name) => cellText(name).toLowerCase());
  const at = (name: string): number | undefined => {
    const index = names.indexOf(name);
    return index === -1 ? undefined : index;
  };
  const epoch = at('epoch');
  const laeq = at('laeq');
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (epoch === undefined || laeq === undefined)
    return (
      `line 1 names the columns ${JSON.stringify(header.slice(0, 200))}; epoch and laeq are needed, ` +
      'leq and third-octave bands by their mid-frequency in Hz (25, 31.5, … 12500) are allowed, others are passed over'
    );
  if (twice !== undefined) return `line 1 names the column ${JSON.stringify(twice)} twice; once is allowed`;
  return {
    count: names.length,
    epoch,
    laeq,
    leq: at('leq'),
    sensor: at('sensor'),
    bands: LABELS.map((label) => at(label)),
  };
};
