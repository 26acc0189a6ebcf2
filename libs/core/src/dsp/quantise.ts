export const QUANTISED_FLOOR_DB = -100;
export const QUANTISED_STEP_DB = 0.5;

/** dB -> code: clamp(round((dB + 100) / 0.5), 0, 255); a tie goes to the even code, as numpy rounds. */
export const quantiseDb = (db: number): number => {
  const steps = (db - QUANTISED_FLOOR_DB) / QUANTISED_STEP_DB;
  if (!(steps > 0)) return 0;
  if (steps >= 255) return 255;
  const rounded = Math.round(steps);
  return rounded - steps === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
};

/** code -> dB, -100 … 27.5. */
export const dequantiseCode = (code: number): number => QUANTISED_FLOOR_DB + QUANTISED_STEP_DB * code;

export const dequantise = (codes: Uint8Array): Float32Array => Float32Array.from(codes, dequantiseCode);
