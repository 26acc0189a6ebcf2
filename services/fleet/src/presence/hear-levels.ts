import { sensorKey, SoundLevels, topicName } from '@earshot/contracts';
import type { HeardSecond } from '@earshot/core/fleet';
import type { RecordProducer } from '@earshot/platform/kafka';
import type { Decoded, SinkDefinition } from '@earshot/platform/stage-runner';
import type { ToneListener } from '../calibration/tone-listener.js';
import type { PresenceTable } from './presence-table.js';

export interface Heard extends HeardSecond {
  readonly key: string;
  readonly levels: SoundLevels;
}

export interface HearLevelsDeps {
  readonly table: PresenceTable;
  readonly listener: Pick<ToneListener, 'hear'>;
  readonly producer: RecordProducer;
  readonly namespace: string;
  readonly nowUs: () => number;
}

const decode = (value: Uint8Array | null): Decoded<Heard> => {
  if (value === null) return { kind: 'dlq', reason: 'invalid', cause: 'a tombstone' };
  const levels = SoundLevels.decode(value);
  if (levels.tenantId === '' || levels.sensorId === '' || levels.timeUs <= 0) {
    return { kind: 'dlq', reason: 'invalid', cause: 'tenant_id, sensor_id or time_us is missing' };
  }
  return {
    kind: 'input',
    input: {
      key: sensorKey(levels.tenantId, levels.sensorId),
      timeUs: levels.timeUs,
      durationMs: levels.durationMs,
      sampleRateHz: levels.sampleRateHz,
      calibrated: levels.calibrationId !== '',
      levels,
    },
  };
};

/**
 * levels.v1 → presence. The snapshots of the sensors heard are acknowledged before the levels are committed; hearing a
 * second again changes nothing, so what comes again after a crash does no harm.
 */
export const createHearLevels = ({
  table,
  listener,
  producer,
  namespace,
  nowUs,
}: HearLevelsDeps): SinkDefinition<Heard> => ({
  name: 'fleet',
  inputs: [{ topic: topicName('levels', namespace), decode: ({ value }) => decode(value) }],
  write: async (inputs) => {
    const now = nowUs();
    await listener.hear(inputs.map(({ input }) => input.levels));
    for (const { input } of inputs) table.hear(input.key, input, now);
    await saveSnapshots(table, producer, namespace, new Set(inputs.map(({ input }) => input.key)));
  },
  maxBatch: 10_000,
  lingerMs: 1_000,
});

export const saveSnapshots = (
  table: PresenceTable,
  producer: RecordProducer,
  namespace: string,
  keys: ReadonlySet<string>,
): Promise<void> =>
  producer.send(
    [...keys].map((key) => ({ topic: topicName('stateFleet', namespace), key, value: table.snapshot(key) })),
  );
