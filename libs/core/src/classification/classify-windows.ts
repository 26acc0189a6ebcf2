import { dlq, drop, emit, type BatchedStage, type Prepared } from '../stage/index.js';
import { frameHopUs, hopSpanMs, windowSpanMs, type FrontEnd } from './front-end.js';
import type { Classifier, LogMelFrame, Prediction, ScoredWindow } from './types.js';

export interface WindowConfig {
  readonly frontEnd: FrontEnd;
  /** What the model sees, mel frames, and how far apart windows start. */
  readonly window: { readonly frames: number; readonly hopFrames: number };
  readonly labels: readonly string[];
  readonly modelId: string;
  readonly modelVersion: string;
}

type Heard = Omit<LogMelFrame, 'frames' | 'discontinuity' | 'frontEndId'>;

/** Frames since the last discontinuity that windows to come still need. */
interface OpenStream {
  /** The latest record, without its frames. */
  readonly latest: Heard;
  /** Index of the first frame in `kept`. */
  readonly keptFrom: number;
  readonly kept: Uint8Array;
  readonly nextWindow: number;
  readonly windowCount: number;
}

export interface WindowState {
  readonly bootId: string | null;
  /** The boot before: what still comes from it is late. */
  readonly previousBootId: string | null;
  /** Second and time of the latest frames of `bootId`; -1 before the first. */
  readonly lastSecondIndex: number;
  readonly lastTimeUs: number;
  readonly lastBreakUs: number | null;
  readonly stream: OpenStream | null;
}

/** A window to be scored, or a break that takes its place in the order of the outputs. */
export interface WindowQuery {
  /** uint8 codes; null: a break. */
  readonly codes: Uint8Array | null;
  /** The output but for its probabilities. */
  readonly scored: ScoredWindow;
}

/**
 * Log-mel frames to scored windows. Windows start at frames 0, hop, 2 hop, ... counted since the last discontinuity. A
 * record that does not follow on (first frame 0, a jump, another boot) ends the stream before it with a break and
 * starts a new one. Records that were there already are duplicates. A window without any sound (all codes 0)
 * is not shown to the model: its probabilities are 0.
 */
export const createClassifyWindows = (
  config: WindowConfig,
  classifier: Classifier,
): BatchedStage<WindowState, LogMelFrame, WindowQuery, Prediction | null, ScoredWindow> => ({
  init: () => ({ bootId: null, previousBootId: null, ...nothingHeard, lastBreakUs: null, stream: null }),
  prepare: (initial, batch) => {
    let state = initial;
    const prepared = batch.map((record) => {
      const next = advance(config, state, record);
      state = next.state;
      return next.prepared;
    });
    return { state, prepared };
  },
  resolve: (queries) => predictSounding(classifier, queries),
  interpret: (query, answer) => [
    answer === null ? query.scored : { ...query.scored, probabilities: Array.from(answer.probabilities) },
  ],
  flush: (state) => {
    const stream = state.stream;
    const length = config.window.frames * config.frontEnd.melBands;
    if (stream === null || stream.windowCount > 0 || stream.kept.length === 0) return [];
    if (stream.nextWindow !== stream.keptFrom) return [];
    const codes = new Uint8Array(length);
    codes.set(stream.kept);
    return [windowQuery(config, stream.latest, stream.nextWindow, codes)];
  },
});

interface Advanced {
  readonly state: WindowState;
  readonly prepared: Prepared<WindowQuery, ScoredWindow>;
}

const advance = (config: WindowConfig, state: WindowState, record: LogMelFrame): Advanced => {
  const unused = unusable(config, state, record);
  if (unused !== undefined) return { state, prepared: { kind: 'outcome', outcome: unused } };
  if (record.discontinuity) {
    const scored = breakAt(config, record, record.bootId === '' ? (state.bootId ?? '') : record.bootId, record.timeUs);
    return {
      state: { ...enterBoot(state, record), lastBreakUs: record.timeUs, stream: null },
      prepared: { kind: 'outcome', outcome: emit(scored) },
    };
  }
  const before = state.stream;
  const goesOn =
    before !== null && record.bootId === state.bootId && record.firstFrameIndex === nextFrame(config, before);
  const broken = before !== null && !goesOn ? [implicitBreak(config, before)] : [];
  const { stream, windows } = append(config, goesOn ? before : startAt(config, record), record);
  return {
    state: { ...enterBoot(state, record), stream },
    prepared: { kind: 'ask', queries: [...broken, ...windows] },
  };
};

const unusable = (config: WindowConfig, state: WindowState, record: LogMelFrame) => {
  if (record.bootId !== '' && record.bootId === state.previousBootId) return drop<ScoredWindow>('late');
  if (record.discontinuity) {
    if (state.stream === null && record.timeUs === state.lastBreakUs) return drop<ScoredWindow>('duplicate');
    const late = record.bootId === state.bootId && state.stream !== null && record.timeUs < state.stream.latest.timeUs;
    return late ? drop<ScoredWindow>('late') : undefined;
  }
  if (record.frontEndId !== config.frontEnd.id)
    return dlq<ScoredWindow>('unsupported', `front end ${record.frontEndId}: the model wants ${config.frontEnd.id}`);
  const expected = record.frameCount * config.frontEnd.melBands;
  if (record.frames.length !== expected || record.firstFrameIndex < 0)
    return dlq<ScoredWindow>(
      'invalid',
      `${record.frames.length} codes for ${record.frameCount} frames from ${record.firstFrameIndex}: expected ${expected}`,
    );
  return record.bootId === state.bootId && wasThere(state, record) ? drop<ScoredWindow>('duplicate') : undefined;
};

/** A second that a gap cuts has several records. */
const wasThere = (state: WindowState, record: LogMelFrame): boolean =>
  record.secondIndex < state.lastSecondIndex ||
  (record.secondIndex === state.lastSecondIndex && record.timeUs <= state.lastTimeUs);

const nothingHeard = { lastSecondIndex: -1, lastTimeUs: -1 };

const enterBoot = (state: WindowState, record: LogMelFrame): WindowState => {
  if (record.bootId === '') return state;
  const position = record.discontinuity
    ? nothingHeard
    : { lastSecondIndex: record.secondIndex, lastTimeUs: record.timeUs };
  if (record.bootId === state.bootId) return record.discontinuity ? state : { ...state, ...position };
  return { ...state, bootId: record.bootId, previousBootId: state.bootId, ...position };
};

const nextFrame = (config: WindowConfig, stream: OpenStream): number =>
  stream.keptFrom + stream.kept.length / config.frontEnd.melBands;

const startAt = (config: WindowConfig, record: LogMelFrame): OpenStream => ({
  latest: heard(record),
  keptFrom: record.firstFrameIndex,
  kept: new Uint8Array(0),
  nextWindow: Math.ceil(record.firstFrameIndex / config.window.hopFrames) * config.window.hopFrames,
  windowCount: 0,
});

/** The stream with the record's frames, and the windows that they complete. */
const append = (config: WindowConfig, stream: OpenStream, record: LogMelFrame) => {
  const { frames, hopFrames } = config.window;
  const bands = config.frontEnd.melBands;
  const codes = new Uint8Array(stream.kept.length + record.frames.length);
  codes.set(stream.kept);
  codes.set(record.frames, stream.kept.length);
  const end = stream.keptFrom + codes.length / bands;
  const latest = heard(record);
  const windows: WindowQuery[] = [];
  let start = stream.nextWindow;
  for (; start + frames <= end; start += hopFrames) {
    const first = (start - stream.keptFrom) * bands;
    windows.push(windowQuery(config, latest, start, codes.slice(first, first + frames * bands)));
  }
  const keptFrom = Math.min(start, end);
  return {
    windows,
    stream: {
      latest,
      keptFrom,
      kept: codes.slice((keptFrom - stream.keptFrom) * bands),
      nextWindow: start,
      windowCount: stream.windowCount + windows.length,
    },
  };
};

const heard = ({ frames: _, discontinuity: __, frontEndId: ___, ...rest }: LogMelFrame): Heard => rest;

const windowQuery = (config: WindowConfig, latest: Heard, firstFrameIndex: number, codes: Uint8Array): WindowQuery => {
  const offsetUs = Math.round((firstFrameIndex - latest.firstFrameIndex) * frameHopUs(config.frontEnd));
  const { labels } = config;
  return {
    codes,
    scored: {
      ...described(config, latest, latest.bootId, latest.timeUs + offsetUs),
      firstFrameIndex,
      labels,
      probabilities: labels.map(() => 0),
      laeqDb: latest.laeqDb,
      discontinuity: false,
    },
  };
};

const implicitBreak = (config: WindowConfig, stream: OpenStream): WindowQuery => {
  const { latest } = stream;
  const endUs = latest.timeUs + Math.round(latest.frameCount * frameHopUs(config.frontEnd));
  return { codes: null, scored: breakAt(config, latest, latest.bootId, endUs) };
};

const breakAt = (config: WindowConfig, record: Heard, bootId: string, timeUs: number): ScoredWindow => {
  const base = described(config, record, bootId, timeUs);
  const none = { firstFrameIndex: 0, labels: [], probabilities: [], laeqDb: null, discontinuity: true };
  return { ...base, ...none, id: `${base.id}/break` };
};

const described = (config: WindowConfig, record: Heard, bootId: string, timeUs: number) => ({
  id: [record.tenantId, record.sensorId, bootId, `${config.modelId}@${config.modelVersion}`, timeUs].join('/'),
  tenantId: record.tenantId,
  sensorId: record.sensorId,
  bootId,
  timeUs,
  windowMs: windowSpanMs(config.frontEnd, config.window.frames),
  hopMs: hopSpanMs(config.frontEnd, config.window.hopFrames),
  modelId: config.modelId,
  modelVersion: config.modelVersion,
  calibrationId: record.calibrationId,
  receivedTimeUs: record.receivedTimeUs,
});

const predictSounding = async (
  classifier: Classifier,
  queries: readonly WindowQuery[],
): Promise<readonly (Prediction | null)[]> => {
  const sounding = queries.map(({ codes }) => (codes?.some((code) => code !== 0) ? codes : null));
  const asked = sounding.filter((codes) => codes !== null);
  const predictions = asked.length === 0 ? [] : await classifier.predict(asked);
  if (predictions.length !== asked.length)
    throw new Error(`The classifier gave ${predictions.length} predictions for ${asked.length} windows`);
  let next = 0;
  return sounding.map((codes) => (codes === null ? null : (predictions[next++] ?? null)));
};
