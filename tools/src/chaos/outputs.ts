import {
  Alert,
  Anomaly,
  Classification,
  LogMelFrame,
  SoundActivity,
  SoundEvent,
  SoundLevels,
  topicName,
  type TopicId,
} from '@earshot/contracts';
import { createKafka, readToEnd } from '@earshot/platform/kafka';
import { createLogger } from '@earshot/platform/telemetry';

type Fields = Readonly<Record<string, unknown>>;

interface Output {
  readonly topic: TopicId;
  readonly decode: (value: Uint8Array) => Fields;
  /** Records of one key are the same output, made again. */
  readonly key: (message: Fields) => string;
}

const by =
  (...names: readonly string[]) =>
  (message: Fields): string =>
    names.map((name) => String(message[name])).join(' ');

const second = by('sensorId', 'bootId', 'secondIndex');

/** The topics whose contents have to be those of a run without faults. */
const outputs: readonly Output[] = [
  { topic: 'levels', decode: (value) => ({ ...SoundLevels.decode(value) }), key: second },
  { topic: 'features', decode: (value) => ({ ...LogMelFrame.decode(value) }), key: second },
  { topic: 'classifications', decode: (value) => ({ ...Classification.decode(value) }), key: by('id') },
  { topic: 'activity', decode: (value) => ({ ...SoundActivity.decode(value) }), key: by('id') },
  { topic: 'events', decode: (value) => ({ ...SoundEvent.decode(value) }), key: by('id', 'phase', 'offsetUs') },
  { topic: 'anomalies', decode: (value) => ({ ...Anomaly.decode(value) }), key: by('id') },
  // Rules get ids of their own in each run, and alerts are named after them.
  {
    topic: 'alerts',
    decode: (value) => ({ ...Alert.decode(value) }),
    key: by('sensorId', 'ruleName', 'raisedUs', 'state'),
  },
];

/** Differ from run to run by their nature. */
const IGNORED = new Set(['receivedTimeUs', 'kafkaOffset', 'revision']);
const IGNORED_OF_ALERTS = new Set([...IGNORED, 'id', 'ruleId', 'causeId']);

const canonical = (message: Fields, ignored: ReadonlySet<string>): string =>
  JSON.stringify(message, (name, value: unknown) => {
    if (ignored.has(name)) return undefined;
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });

/** One topic of one run: contents by key. */
export interface TopicOutputs {
  readonly topic: string;
  readonly contents: ReadonlyMap<string, string>;
  readonly records: number;
  /** Keys that came with two different contents. */
  readonly contradictions: readonly string[];
}

/** All outputs of sensors whose id begins with `prefix`. */
export const collectOutputs = async (brokers: string, prefix: string): Promise<readonly TopicOutputs[]> => {
  const namespace = process.env['TOPIC_NAMESPACE'] ?? 'earshot';
  const logger = createLogger('chaos', 'fatal');
  const kafka = createKafka({ brokers: brokers.split(','), clientId: 'chaos', logger });
  const collected: TopicOutputs[] = [];
  for (const { topic, decode, key } of outputs) {
    const contents = new Map<string, string>();
    const contradictions: string[] = [];
    let records = 0;
    await readToEnd(kafka, {
      topics: [topicName(topic, namespace)],
      logger,
      onRecord: ({ value }) => {
        if (value === null) return;
        const message = decode(value);
        if (!String(message['sensorId']).startsWith(prefix)) return;
        records += 1;
        const text = canonical(message, topic === 'alerts' ? IGNORED_OF_ALERTS : IGNORED);
        const id = key(message);
        const before = contents.get(id);
        if (before !== undefined && before !== text) contradictions.push(id);
        contents.set(id, text);
      },
    });
    collected.push({ topic, contents, records, contradictions });
  }
  return collected;
};

export interface TopicComparison {
  readonly topic: string;
  /** Distinct outputs of the run with faults and of the one without. */
  readonly distinct: number;
  readonly expected: number;
  /** Records beyond the distinct ones: made again after a crash, the same content. */
  readonly repeated: number;
  readonly contradictions: number;
  readonly missing: number;
  readonly unexpected: number;
  readonly different: number;
  /** A few of what is wrong, for people. */
  readonly examples: readonly string[];
}

const EXAMPLES = 5;
const SHOWN = 400;

export const compareOutputs = (
  chaos: readonly TopicOutputs[],
  calm: readonly TopicOutputs[],
): readonly TopicComparison[] =>
  chaos.map(({ topic, contents, records, contradictions }) => {
    const expected = calm.find((one) => one.topic === topic)?.contents ?? new Map<string, string>();
    const missing = [...expected.keys()].filter((id) => !contents.has(id));
    const unexpected = [...contents.keys()].filter((id) => !expected.has(id));
    const different = [...contents].filter(([id, text]) => expected.has(id) && expected.get(id) !== text);
    return {
      topic,
      distinct: contents.size,
      expected: expected.size,
      repeated: records - contents.size,
      contradictions: contradictions.length,
      missing: missing.length,
      unexpected: unexpected.length,
      different: different.length,
      examples: [
        ...contradictions.slice(0, EXAMPLES).map((id) => `${id}: two contents`),
        ...missing.slice(0, EXAMPLES).map((id) => `missing ${id}`),
        ...unexpected.slice(0, EXAMPLES).map((id) => `unexpected ${id}: ${contents.get(id)?.slice(0, SHOWN) ?? ''}`),
        ...different
          .slice(0, EXAMPLES)
          .map(([id, text]) => `${id}: ${text.slice(0, SHOWN)} instead of ${expected.get(id)?.slice(0, SHOWN) ?? ''}`),
      ],
    };
  });
