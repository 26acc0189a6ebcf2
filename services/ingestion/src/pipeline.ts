import { dlqName, SensorFrame, sensorKey, topicName } from '@earshot/contracts';
import type { DlqReason } from '@earshot/core/stage';
import { RecordTooLargeError, type OutgoingRecord, type RecordProducer } from '@earshot/platform/kafka';
import { dlqHeaders } from '@earshot/platform/stage-runner';
import type { SensorRef } from './access/sensors.js';
import type { ByteGate } from './byte-gate.js';
import { AnchorCache } from './frames/anchors.js';
import type { Congestion } from './admission/congestion.js';
import type { Lanes } from './admission/lanes.js';
import { toAudioFrame } from './frames/audio-frame.js';
import { encodeAudioFrame } from './frames/encode-frame.js';
import { MAX_FRAME_BYTES, validateFrame } from './frames/validate.js';
import type { IngestionMetrics, Protocol } from './metrics.js';
import { refuse, type Refusal, type Verdict } from './refusal.js';

/**
 * The one way in. Each door (HTTP, MQTT, gRPC) says who the sensor is and gives the frame; here it is
 *
 *   decoded → validated ─┬─ good → anchored → lane (audio or audio-backfill) → Kafka's ack → taken (null)
 *                        │          (refused while the stages lag: overloaded)
 *                        └─ bad  → untouched into <audio topic>.dlq → refused: bad_audio or oversize
 *
 * Frames of one sensor reach Kafka in the order of the calls. Whoever calls waits while too many bytes wait for Kafka.
 */
export interface FrameInput {
  readonly sensor: SensorRef;
  /** The frame as the sensor sent it: a SensorFrame, protobuf. */
  readonly encoded: Uint8Array;
  /** The same, decoded, where the door had to do that already. */
  readonly frame?: SensorFrame;
  readonly protocol: Protocol;
}

export interface FrameAcceptor {
  /** Resolves once the frame is safe or refused; rejects only on bugs. */
  acceptFrame(input: FrameInput): Promise<Verdict>;
  /** Keeps something that is not a usable frame. */
  keepBad(bad: BadInput): Promise<Verdict>;
}

export interface BadInput {
  readonly sensor: SensorRef;
  readonly bytes: Uint8Array;
  /** Protobuf message or media type of the bytes. */
  readonly content: string;
  readonly protocol: Protocol;
  readonly refusal: Refusal;
  readonly reason: DlqReason;
  /** The topic that it was meant for. */
  readonly topic?: 'audio' | 'levels';
}

export interface AcceptorDependencies {
  readonly producer: RecordProducer;
  readonly namespace: string;
  readonly gate: ByteGate;
  readonly metrics: IngestionMetrics;
  readonly lanes: Pick<Lanes, 'choose'>;
  readonly congestion: Pick<Congestion, 'admit' | 'passed'>;
  /** Microseconds since the Unix epoch. */
  readonly nowUs: () => number;
}

export const SENSOR_FRAME = 'earshot.ingestion.v1.SensorFrame';
/** Larger things are refused but not kept: the topic would not take them. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024 - 64 * 1024;
const MAX_CAUSE_CHARS = 500;

export const createFrameAcceptor = (dependencies: AcceptorDependencies): FrameAcceptor => {
  const { namespace, gate, metrics, lanes, congestion, nowUs } = dependencies;
  const anchors = new AnchorCache();
  const write = createGatedWrite(dependencies.producer, gate);

  const keepBad = async (bad: BadInput): Promise<Verdict> => {
    const { sensor, bytes, content, protocol, refusal, reason } = bad;
    metrics.refusals.inc({ protocol, code: refusal.code });
    if (bytes.length > MAX_KEPT_BYTES) return refusal;
    const topic = topicName(bad.topic ?? 'audio', namespace);
    const failure = await write({
      topic: dlqName(topic),
      key: sensorKey(sensor.tenantId, sensor.sensorId),
      value: bytes,
      headers: {
        [dlqHeaders.reason]: reason,
        [dlqHeaders.cause]: refusal.message.slice(0, MAX_CAUSE_CHARS),
        [dlqHeaders.stage]: 'ingestion',
        [dlqHeaders.topic]: topic,
        [dlqHeaders.attempt]: '1',
        'earshot-dlq-protocol': protocol,
        'earshot-dlq-content': content,
      },
    });
    if (failure !== null) return failure;
    metrics.deadLetters.inc({ protocol });
    return refusal;
  };

  const acceptFrame = async (input: FrameInput): Promise<Verdict> => {
    const { sensor, encoded, protocol } = input;
    const startedMs = performance.now();
    const receivedTimeUs = nowUs();
    const keep = (refusal: Refusal, reason: DlqReason): Promise<Verdict> =>
      keepBad({ sensor, bytes: encoded, content: SENSOR_FRAME, protocol, refusal, reason });

    if (encoded.length > MAX_FRAME_BYTES)
      return keep(
        refuse('oversize', `a frame of ${encoded.length} bytes; up to ${MAX_FRAME_BYTES} are allowed`),
        'oversize',
      );
    const frame = input.frame ?? decodeFrame(encoded);
    if (frame === null) return keep(refuse('bad_audio', `not a ${SENSOR_FRAME}`), 'undecodable');
    const fault = validateFrame(frame, receivedTimeUs);
    if (fault !== null) return keep(fault, fault.code === 'oversize' ? 'oversize' : 'invalid');

    const audioFrame = toAudioFrame(sensor, frame, receivedTimeUs, anchors);
    const key = sensorKey(sensor.tenantId, sensor.sensorId);
    const { lane, reason } = lanes.choose(key, audioFrame, receivedTimeUs / 1000);
    const value = encodeAudioFrame(audioFrame);
    const failure =
      (await congestion.admit(sensor, lane, protocol, value.length)) ??
      (await write({ topic: topicName(lane, namespace), key, value }));
    if (failure !== null) {
      metrics.refusals.inc({ protocol, code: failure.code });
      return failure;
    }
    congestion.passed(lane, audioFrame.sampleCount / audioFrame.sampleRateHz);
    metrics.frames.inc({ protocol });
    metrics.lanes.inc({ reason });
    metrics.bytes.inc({ protocol }, value.length);
    metrics.ackSeconds.observe({ protocol }, (performance.now() - startedMs) / 1000);
    return null;
  };

  return { acceptFrame, keepBad };
};

const decodeFrame = (encoded: Uint8Array): SensorFrame | null => {
  try {
    return SensorFrame.decode(encoded);
  } catch {
    return null;
  }
};

/** Longer than that nobody is left without an answer, even by a broker that takes connections and is silent. */
const ANSWER_MS = 20_000;

/**
 * Writes when there is room; null once Kafka has acknowledged all of them. What has no answer in time is refused, and may have been
 * taken: its sender sends it again, and it is stored once.
 */
export const createGatedWrite =
  (producer: RecordProducer, gate: ByteGate, answerMs = ANSWER_MS) =>
  async (...records: readonly OutgoingRecord[]): Promise<Verdict> => {
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    let isLate = false;
    const store = async (): Promise<Verdict> => {
      await gate.enter(bytes);
      try {
        if (!isLate) await producer.send(records);
        return null;
      } catch (error) {
        if (error instanceof RecordTooLargeError)
          return refuse('oversize', `${bytes} bytes are more than the topic takes`);
        return refuse(
          'unavailable',
          `Kafka did not take it: ${error instanceof Error ? error.message : String(error)}`,
        );
      } finally {
        gate.leave(bytes);
      }
    };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Verdict>((resolve) => {
      timer = setTimeout(() => {
        isLate = true;
        resolve(refuse('unavailable', `Kafka did not answer within ${answerMs / 1000} s: send it again`));
      }, answerMs);
    });
    try {
      return await Promise.race([store(), late]);
    } finally {
      clearTimeout(timer);
    }
  };
