import { topicName, topics, type TopicId } from '@earshot/contracts';
import { readToEnd, type IncomingRecord, type Kafka, type OutgoingRecord } from '../kafka/index.js';
import { dlqHeaders } from '../stage-runner/index.js';
import type { Logger } from '../telemetry/index.js';

/** One record that a stage or a door could not use, as `dlq list` shows it. */
export interface DeadLetter {
  /** `<topic>/<partition>/<offset>` in the dead letters; names it for `show` and `replay`. */
  readonly id: string;
  /** The topic it was meant for. */
  readonly topic: string;
  readonly key: string;
  /** When it was put here, RFC 3339. */
  readonly time: string;
  readonly stage: string;
  readonly reason: string;
  readonly cause: string;
  /** How often it has come here. */
  readonly attempt: number;
  /** Where it stood; null: it never did, a door refused it. */
  readonly origin: { readonly partition: number; readonly kafkaOffset: number } | null;
  readonly bytes: number;
  /** What the bytes are, where a door says so; null: a record of `topic`. */
  readonly content: string | null;
}

export interface LetterFilter {
  /** Name with or without namespace and `.dlq`. */
  readonly topic?: string;
  readonly reason?: string;
  readonly stage?: string;
  /** Tenant, or tenant/sensor. */
  readonly key?: string;
  /** Only these; only their topics are read. */
  readonly ids?: readonly string[];
}

const CONTENT = 'earshot-dlq-content';

const letterOf = ({ topic, partition, kafkaOffset, key, value, headers, timestampMs }: IncomingRecord): DeadLetter => {
  const from = headers[dlqHeaders.kafkaOffset];
  return {
    id: `${topic}/${partition}/${kafkaOffset}`,
    topic: headers[dlqHeaders.topic] ?? topic.replace(/\.dlq$/, ''),
    key,
    time: new Date(timestampMs).toISOString(),
    stage: headers[dlqHeaders.stage] ?? '',
    reason: headers[dlqHeaders.reason] ?? '',
    cause: headers[dlqHeaders.cause] ?? '',
    attempt: Number(headers[dlqHeaders.attempt] ?? '1'),
    origin: from === undefined ? null : { partition: Number(headers[dlqHeaders.partition]), kafkaOffset: Number(from) },
    bytes: value?.length ?? 0,
    content: headers[CONTENT] ?? null,
  };
};

/** Every topic of dead letters. */
export const letterTopics = (namespace: string): readonly string[] =>
  (Object.keys(topics) as TopicId[])
    .filter((id) => topics[id].deadLetters)
    .map((id) => `${topicName(id, namespace)}.dlq`);

const matches = (letter: DeadLetter, { topic, reason, stage, key, ids }: LetterFilter): boolean =>
  (ids === undefined || ids.includes(letter.id)) &&
  (topic === undefined || letter.topic === topic || letter.topic.endsWith(`.${topic.replace(/\.dlq$/, '')}`)) &&
  (reason === undefined || letter.reason === reason) &&
  (stage === undefined || letter.stage === stage) &&
  (key === undefined || letter.key === key || letter.key.startsWith(`${key}/`));

export interface Found {
  readonly letter: DeadLetter;
  readonly record: IncomingRecord;
}

/** `<topic>/<partition>/<offset>`. */
const topicOfId = (id: string): string => id.slice(0, id.indexOf('/'));

/**
 * All dead letters that match, oldest first. `most`: the newest so many are kept, so that memory has a bound; without `values` their bytes are
 * not kept either (`record.value` is null).
 */
export const findLetters = async (
  kafka: Kafka,
  logger: Logger,
  namespace: string,
  filter: LetterFilter,
  most: number,
  { values = true }: { readonly values?: boolean } = {},
): Promise<{ readonly found: readonly Found[]; readonly total: number }> => {
  const found: Found[] = [];
  let total = 0;
  const topicsRead = letterTopics(namespace).filter(
    (topic) => filter.ids?.some((id) => topicOfId(id) === topic) ?? true,
  );
  if (topicsRead.length === 0) return { found, total };
  await readToEnd(kafka, {
    topics: topicsRead,
    logger,
    onRecord: (record) => {
      const letter = letterOf(record);
      if (!matches(letter, filter)) return;
      total += 1;
      found.push({ letter, record: values ? record : { ...record, value: null } });
      if (found.length > 2 * most) {
        found.sort((a, b) => a.record.timestampMs - b.record.timestampMs);
        found.splice(0, found.length - most);
      }
    },
  });
  found.sort((a, b) => a.record.timestampMs - b.record.timestampMs);
  return { found: found.slice(-most), total };
};

/** Why a letter can't be put back; null: it can. */
export const notReplayable = ({ content, origin }: DeadLetter): string | null =>
  origin === null
    ? `refused at the door${content === null ? '' : ` as ${content}`}: it never was a record; the sensor has to send it again`
    : null;

/** The record as it was, back to where it came from; `attempt` goes with it and grows should it fail again. */
export const toReplay = ({ letter, record }: Found): OutgoingRecord => ({
  topic: letter.topic,
  key: record.key,
  value: record.value,
  headers: Object.fromEntries(
    Object.entries(record.headers).filter(([name]) => name === dlqHeaders.attempt || !name.startsWith('earshot-dlq-')),
  ),
});
