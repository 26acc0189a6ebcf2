import type { IncomingRecord, OutgoingRecord } from '../kafka/index.js';

/**
 * Where an output came from: record `kafkaOffset` of the stage's input `topic`, `index`-th output of that record. A
 * stage is deterministic, so a replay makes the same outputs with the same origins: downstream, whatever is not after the
 * last origin seen of a key is a repetition.
 */
export interface Origin {
  readonly topic: string;
  readonly kafkaOffset: number;
  readonly index: number;
}

const HEADER = 'earshot-origin';

export const withOrigin = (output: OutgoingRecord, input: IncomingRecord, index: number): OutgoingRecord => ({
  ...output,
  headers: { ...output.headers, [HEADER]: `${input.topic}@${input.kafkaOffset}#${index}` },
});

export const originOf = (record: IncomingRecord): Origin | undefined => {
  const match = /^(.+)@(\d+)#(\d+)$/.exec(record.headers[HEADER] ?? '');
  if (match === null) return undefined;
  const [, topic = '', kafkaOffset = '', index = ''] = match;
  return { topic, kafkaOffset: Number(kafkaOffset), index: Number(index) };
};

export const isAfter = (a: Origin, b: Origin): boolean =>
  a.kafkaOffset > b.kafkaOffset || (a.kafkaOffset === b.kafkaOffset && a.index > b.index);

/** Under which name the last origin is kept: one input topic may carry records of several origins. */
export const originChannel = (inputTopic: string, origin: Pick<Origin, 'topic'>): string =>
  `${inputTopic}<${origin.topic}`;
