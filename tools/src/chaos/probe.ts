import { ClockQuality, PcmFormat, type SensorFrame } from '@earshot/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGrpcSender } from '../simulator/senders/grpc-sender.js';
import type { OwnStack } from '../testing/own-stack.js';
import { makeSensor, TENANT } from './sensors.js';
import type { Query } from './stored.js';

export const PROBE_RATE_HZ = 16_000;

const silence = Buffer.alloc(PROBE_RATE_HZ * 2);

const frameOf = (bootId: string, sequence: number, anchorTimeUs: number): SensorFrame => ({
  ...{ bootId, sequence, anchorTimeUs, firstSampleIndex: sequence * PROBE_RATE_HZ },
  ...{ sampleRateHz: PROBE_RATE_HZ, sampleCount: PROBE_RATE_HZ, clockQuality: ClockQuality.CLOCK_QUALITY_SYNCHRONISED },
  body: { $case: 'pcm', value: { format: PcmFormat.PCM_FORMAT_S16LE, data: silence } },
});

export interface Probe {
  /** Seconds from sending a frame to its stored level; one frame a second, when its second is over. */
  measure(): Promise<number>;
  /** Frames so far. */
  sent(): number;
  close(): Promise<void>;
}

const POLL_MS = 20;

/** Numbers of stored seconds by boot; one question for all who wait. */
const createStored = (query: Query, bootIds: readonly string[]) => {
  let asked: Promise<ReadonlyMap<string, number>> | undefined;
  const ask = async (): Promise<ReadonlyMap<string, number>> => {
    await sleep(POLL_MS);
    asked = undefined;
    const list = bootIds.map((id) => `'${id}'`).join(', ');
    const rows = await query<{ boot: string; n: string }>(
      `SELECT boot_id AS boot, count() AS n FROM earshot.levels_1s WHERE boot_id IN (${list}) GROUP BY boot`,
    );
    return new Map(rows.map(({ boot, n }) => [boot, Number(n)]));
  };
  return async (bootId: string): Promise<number> => (await (asked ??= ask())).get(bootId) ?? 0;
};

/** Sensors of these ids that send a frame a second and look when its level is stored. */
export const createProbes = async (
  stack: OwnStack,
  query: Query,
  ids: readonly string[],
): Promise<readonly Probe[]> => {
  const anchorTimeUs = Date.now() * 1000;
  const bootOf = (id: string): string => `${id}-${anchorTimeUs}`;
  const stored = createStored(query, ids.map(bootOf));
  return Promise.all(
    ids.map(async (id) => {
      const { sensorId, key } = await makeSensor(stack, id);
      const sender = createGrpcSender(stack.status.grpcUrl, { tenantId: TENANT, sensorId, key });
      await sender.open();
      let sequence = 0;
      return {
        measure: async () => {
          const dueMs = anchorTimeUs / 1000 + (sequence + 1) * 1000;
          await sleep(Math.max(0, dueMs - Date.now()));
          const begin = performance.now();
          await sender.send(frameOf(bootOf(id), sequence, anchorTimeUs));
          sequence += 1;
          while ((await stored(bootOf(id))) < sequence);
          return (performance.now() - begin) / 1000;
        },
        sent: () => sequence,
        close: () => sender.close(),
      };
    }),
  );
};
