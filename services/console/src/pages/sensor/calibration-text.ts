/** Words and checks of the calibration panel. Pure. */
import type { Calibration, CalibrationMethod, NewCalibration } from '../../api/types.js';
import { formatDb } from '../../lib/format.js';

export const METHOD_TEXT: Readonly<Record<CalibrationMethod, string>> = {
  sensitivity: 'Sensitivity',
  calibrator: 'Calibrator',
  manual: 'Manual',
};

/** `Calibrator 94 dB`, `Sensitivity`. */
export function methodText({ method, calibratorLevelDb }: Pick<Calibration, 'method' | 'calibratorLevelDb'>): string {
  const name = (METHOD_TEXT as Partial<Record<string, string>>)[method] ?? method;
  return calibratorLevelDb === null ? name : `${name} ${calibratorLevelDb} dB`;
}

/** `+0.40`, `−0.12`; empty without one before. */
export function driftText(driftDb: number | null): string {
  if (driftDb === null) return '';
  return `${driftDb > 0 ? '+' : ''}${formatDb(driftDb, 2)} dB`;
}

export type CalibrationQuantity = 'fullScale' | 'sensitivity';
export type CalibrationStart = 'now' | 'beginning' | 'time';

/** What was typed into the form. */
export interface CalibrationDraft {
  readonly quantity: CalibrationQuantity;
  readonly value: string;
  readonly start: CalibrationStart;
  /** Of an `<input type="datetime-local">`, in the viewer's zone. */
  readonly time: string;
  readonly performedBy: string;
  readonly note: string;
}

const LIMITS: Readonly<Record<CalibrationQuantity, { low: number; high: number; unit: string }>> = {
  fullScale: { low: 40, high: 240, unit: 'dB SPL' },
  sensitivity: { low: -200, high: 20, unit: 'dBFS at 94 dB SPL' },
};

export interface CalibrationProblems {
  readonly value?: string;
  readonly time?: string;
}

export function calibrationProblems(draft: CalibrationDraft, nowMs: number): CalibrationProblems {
  const { low, high, unit } = LIMITS[draft.quantity];
  const value = numberOf(draft.value);
  const atMs = Date.parse(draft.time);
  return {
    ...(value >= low && value <= high ? {} : { value: `From ${formatDb(low, 0)} to ${formatDb(high, 0)} ${unit}` }),
    ...(draft.start !== 'time' || atMs <= nowMs ? {} : { time: 'A time up to now is needed' }),
  };
}

export function toNewCalibration(draft: CalibrationDraft): NewCalibration {
  const value = numberOf(draft.value);
  return {
    ...(draft.quantity === 'fullScale' ? { fullScaleDb: value } : { sensitivityDbfsPerPa: value }),
    ...(draft.start === 'beginning' ? { effectiveFrom: null } : {}),
    ...(draft.start === 'time' ? { effectiveFrom: new Date(draft.time).toISOString() } : {}),
    performedBy: draft.performedBy.trim(),
    note: draft.note.trim(),
  };
}

/** A decimal comma and a true minus sign are taken too. */
function numberOf(text: string): number {
  const plain = text.trim().replace(',', '.').replace('−', '-');
  return plain === '' ? Number.NaN : Number(plain);
}
