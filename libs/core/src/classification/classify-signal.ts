import { createClassifyWindows, type WindowConfig } from './classify-windows.js';
import type { FrontEnd } from './front-end.js';
import type { Classifier, LogMelFrame, ScoredWindow } from './types.js';

export interface SignalFeatures {
  /** frameCount x melBands codes of the whole signal, which starts with frame 0. */
  readonly frames: Uint8Array;
  readonly frameCount: number;
}

/**
 * The windows of a finite signal, by the same stage that classifies streams. Times count from the signal's first sample.
 * laeqDb: LAeq of each second of the signal, where known.
 */
export const classifySignal = async (
  config: WindowConfig,
  classifier: Classifier,
  features: SignalFeatures,
  laeqDb: readonly (number | null)[] = [],
): Promise<readonly ScoredWindow[]> => {
  const stage = createClassifyWindows(config, classifier);
  const { state, prepared } = stage.prepare(stage.init(''), recordsOf(config.frontEnd, features, laeqDb));
  const asked = prepared.flatMap((each) => (each.kind === 'ask' ? each.queries : []));
  const queries = [...asked, ...stage.flush(state)];
  const answers = await stage.resolve(queries);
  return queries.flatMap((query, index) => stage.interpret(query, answers[index] ?? null));
};

/** One record per second, each with the frames that its samples complete: what a stream would have brought. */
const recordsOf = (
  frontEnd: FrontEnd,
  { frames, frameCount }: SignalFeatures,
  laeqDb: readonly (number | null)[],
): readonly LogMelFrame[] => {
  const { sampleRateHz, hopLength, windowLength, melBands } = frontEnd;
  const completedBy = (second: number): number =>
    Math.max(0, Math.min(frameCount, 1 + Math.floor(((second + 1) * sampleRateHz - windowLength) / hopLength)));
  const seconds = Math.ceil((Math.max(0, frameCount - 1) * hopLength + windowLength) / sampleRateHz);
  return Array.from({ length: seconds }, (_, second) => {
    const from = completedBy(second - 1);
    const to = completedBy(second);
    return {
      tenantId: '',
      sensorId: '',
      bootId: 'signal',
      secondIndex: second,
      timeUs: Math.round(((from * hopLength) / sampleRateHz) * 1e6),
      frontEndId: frontEnd.id,
      firstFrameIndex: from,
      frameCount: to - from,
      frames: frames.subarray(from * melBands, to * melBands),
      laeqDb: laeqDb[second] ?? null,
      calibrationId: '',
      discontinuity: false,
      receivedTimeUs: 0,
    };
  });
};
