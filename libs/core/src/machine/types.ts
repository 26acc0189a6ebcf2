/** What a machine's sensor asks feature-extraction for: its registry record says it. */
export interface MachineSettings {
  /** Range in which the shaft's speed is looked for, Hz; equal: the speed is known. */
  readonly minShaftHz: number;
  readonly maxShaftHz: number;
  /** Rates of a bearing's faults in orders (multiples of the shaft's speed); 0: not known. */
  readonly bpfoOrder: number;
  readonly bpfiOrder: number;
  readonly bsfOrder: number;
  readonly ftfOrder: number;
}

/** 1x, 2x, 3x of the shaft in the sound's own spectrum; rates of bearing faults in the envelope's spectrum. */
export const lineNames = ['1x', '2x', '3x', 'bpfo', 'bpfi', 'bsf', 'ftf'] as const;
export type LineName = (typeof lineNames)[number];

/** One line that was looked for and what is there. */
export interface MachineLine {
  readonly name: LineName;
  /** Of the highest bin near the place, between bins. */
  readonly frequencyHz: number;
  /** Shaft lines: dB re full scale, of all bins of the line; bearing lines: depth of the envelope's modulation, dB. */
  readonly levelDb: number;
  /** Over the median of its surroundings, dB; of bearing lines the mean over the first three multiples. */
  readonly prominenceDb: number;
}

/** Long spectra of one machine: 4 s of sound, Hann, one new each second. */
export interface MachineSpectrum {
  /** Width of a bin, Hz; bin k lies at k times it. */
  readonly binHz: number;
  /** dB re full scale of a sine, as codes: dB = -100 + 0.5 x code. */
  readonly spectrum: Uint8Array;
  /** Depth of modulation of the envelope above 2 kHz, dB, as codes. */
  readonly envelope: Uint8Array;
  /** 0: no shaft was recognised. */
  readonly shaftHz: number;
  /** Of the order lines that are known for the shaft; empty without one. */
  readonly lines: readonly MachineLine[];
}
