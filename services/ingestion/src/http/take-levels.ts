import { sensorKey, SoundLevels, topicName } from '@earshot/contracts';
import { LevelsCsvError, parseLevelsCsv, toCsvSeconds, type CsvSecond, type LevelsCsv } from '@earshot/core/levels-csv';
import type { OutgoingRecord } from '@earshot/platform/kafka';
import type { SensorRef } from '../access/sensors.js';
import type { ByteGate } from '../byte-gate.js';
import { MAX_AHEAD_US } from '../frames/validate.js';
import { toSoundLevels } from '../levels/sound-levels.js';
import type { IngestionMetrics } from '../metrics.js';
import type { FrameAcceptor } from '../pipeline.js';
import { refuse, type Refusal, type Verdict } from '../refusal.js';
import { Slots } from './slots.js';

/** A whole levels file, from its bytes to Kafka's acknowledgement of its last second. */
export interface LevelsUpload {
  readonly sensor: SensorRef;
  readonly body: Uint8Array;
}

export interface LevelsReceipt {
  /** Rows taken. */
  readonly rows: number;
  /** Records on the levels topic: one for each second with any row. */
  readonly seconds: number;
  /** Event time of the first row and of the end of the last second's rows, RFC 3339. */
  readonly from: string;
  readonly to: string;
  readonly rejectedRows: number;
  /** The first `MAX_TOLD` of them, in order of line; line 1 names the columns. */
  readonly rejected: readonly { readonly line: number; readonly message: string }[];
}

export type TakeLevels = (upload: LevelsUpload) => Promise<LevelsReceipt | Refusal>;

export interface TakeLevelsDependencies {
  readonly acceptor: Pick<FrameAcceptor, 'keepBad'>;
  readonly write: (...records: readonly OutgoingRecord[]) => Promise<Verdict>;
  readonly namespace: string;
  readonly gate: ByteGate;
  readonly metrics: IngestionMetrics;
  readonly maxSeconds: number;
  /** Microseconds since the Unix epoch. */
  readonly nowUs: () => number;
}

const CONTENT = 'text/csv';
const MAX_READ = 2;
const MAX_WAITING = 16;
/** Seconds that go to Kafka together, about 0.5 kB each. */
const BATCH_SECONDS = 500;
const MAX_TOLD = 100;
const ROWS_PER_SECOND = 8;
const LINE_FEED = 0x0a;

const linesOf = (body: Uint8Array): number => body.reduce((count, byte) => (byte === LINE_FEED ? count + 1 : count), 0);

const listed = ({ bad }: LevelsCsv): string =>
  bad
    .slice(0, 5)
    .map(({ line, message }) => `line ${line}: ${message}`)
    .join('; ');

export const createTakeLevels = (dependencies: TakeLevelsDependencies): TakeLevels => {
  const { acceptor, write, namespace, gate, metrics, maxSeconds, nowUs } = dependencies;
  const slots = new Slots(MAX_READ, MAX_WAITING);

  const keep = async (sensor: SensorRef, bytes: Uint8Array, message: string): Promise<Refusal> => {
    const refusal = refuse('bad_levels', message);
    const reason = 'invalid';
    const verdict = await acceptor.keepBad({
      sensor,
      bytes,
      content: CONTENT,
      protocol: 'http',
      refusal,
      reason,
      topic: 'levels',
    });
    return verdict ?? refusal;
  };

  const send = async (sensor: SensorRef, seconds: readonly CsvSecond[], receivedTimeUs: number): Promise<Verdict> => {
    for (let from = 0; from < seconds.length; from += BATCH_SECONDS) {
      const some = seconds.slice(from, from + BATCH_SECONDS);
      const failure = await write(
        ...some.map((second) => ({
          topic: topicName('levels', namespace),
          key: sensorKey(sensor.tenantId, sensor.sensorId),
          value: SoundLevels.encode(toSoundLevels(sensor, second, receivedTimeUs)).finish(),
        })),
      );
      if (failure !== null) {
        metrics.refusals.inc({ protocol: 'http', code: failure.code });
        return failure;
      }
      metrics.levelSeconds.inc(some.length);
    }
    return null;
  };

  const read = (body: Uint8Array, receivedTimeUs: number): LevelsCsv | string => {
    try {
      const latestMs = Math.floor((receivedTimeUs + MAX_AHEAD_US) / 1000);
      return parseLevelsCsv(new TextDecoder().decode(body), { latestMs });
    } catch (error) {
      if (error instanceof LevelsCsvError) return error.message;
      throw error;
    }
  };

  const take = async ({ sensor, body }: LevelsUpload): Promise<LevelsReceipt | Refusal> => {
    const receivedTimeUs = nowUs();
    const maxRows = maxSeconds * ROWS_PER_SECOND;
    if (linesOf(body) > maxRows + 1) {
      metrics.refusals.inc({ protocol: 'http', code: 'oversize' });
      return refuse('oversize', `more than ${maxRows} rows (${maxSeconds} s); cut the file into several uploads`);
    }
    const file = read(body, receivedTimeUs);
    if (typeof file === 'string') return keep(sensor, body, file);
    metrics.badRows.inc(file.bad.length);
    const [first] = file.rows;
    if (first === undefined)
      return keep(
        sensor,
        body,
        file.bad.length === 0 ? 'no rows; at least one is needed' : `no usable row; ${listed(file)}`,
      );
    const seconds = toCsvSeconds(file.rows);
    const failure = await send(sensor, seconds, receivedTimeUs);
    if (failure !== null) return failure;
    if (file.bad.length > 0) {
      const untouched = [file.header, ...file.bad.map(({ text }) => text), ''].join('\n');
      const kept = await keep(sensor, new TextEncoder().encode(untouched), listed(file));
      if (kept.retryAfterMs !== undefined) return kept;
    }
    return receiptOf(file, seconds);
  };

  return async (upload) => {
    const taken = gate.isFull || slots.isFull ? undefined : await slots.run(() => take(upload));
    if (taken !== undefined) return taken;
    metrics.refusals.inc({ protocol: 'http', code: 'overloaded' });
    return refuse('overloaded', 'more is on its way into Kafka than may be held; send it again later');
  };
};

const receiptOf = ({ rows, bad }: LevelsCsv, seconds: readonly CsvSecond[]): LevelsReceipt => {
  const last = seconds.at(-1);
  return {
    rows: rows.length,
    seconds: seconds.length,
    from: new Date(seconds[0]?.timeMs ?? 0).toISOString(),
    to: new Date(last === undefined ? 0 : last.timeMs + last.durationMs).toISOString(),
    rejectedRows: bad.length,
    rejected: bad.slice(0, MAX_TOLD).map(({ line, message }) => ({ line, message })),
  };
};
