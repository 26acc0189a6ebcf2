import { once } from 'node:events';
import { SensorFrame, type StreamAudioRequest, type StreamAudioResponse } from '@earshot/contracts';
import { IngestError } from '@earshot/contracts';
import { status, type Metadata, type ServerDuplexStream } from '@grpc/grpc-js';
import type { Logger } from '@earshot/platform/telemetry';
import type { SensorDirectory, SensorSession } from '../access/sensors.js';
import type { IngestionMetrics } from '../metrics.js';
import type { FrameAcceptor } from '../pipeline.js';
import { grpcErrorOf, refuse, type IngestCode, type Verdict } from '../refusal.js';

/**
 * StreamAudio: a sensor sends frames and gets one response per frame, in order. While `MAX_AWAITED` responses are due the
 * stream is not read, which HTTP/2's flow control passes on to the sensor; nor while it does not read its responses.
 */
export interface StreamAudioOptions {
  readonly acceptor: FrameAcceptor;
  readonly directory: SensorDirectory;
  readonly metrics: IngestionMetrics;
  readonly logger: Logger;
}

type Call = ServerDuplexStream<StreamAudioRequest, StreamAudioResponse>;

const MAX_AWAITED = 32;

const STATUS: Readonly<Partial<Record<IngestCode, status>>> = {
  unknown_sensor: status.NOT_FOUND,
  wrong_key: status.UNAUTHENTICATED,
  retired_sensor: status.FAILED_PRECONDITION,
};

class CallEnded extends Error {
  override readonly name = 'CallEnded';
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

const text = (metadata: Metadata, name: string): string | undefined => metadata.get(name)[0]?.toString();

const endedFor = ({ code, message }: { code: IngestCode; message: string }): CallEnded =>
  new CallEnded(STATUS[code] ?? status.UNAVAILABLE, message);

const authenticate = async (metadata: Metadata, options: StreamAudioOptions): Promise<SensorSession> => {
  const key = /^Bearer (.+)$/i.exec(text(metadata, 'authorization') ?? '')?.[1];
  const tenantId = text(metadata, 'earshot-tenant');
  const sensorId = text(metadata, 'earshot-sensor');
  if (key === undefined)
    throw new CallEnded(status.UNAUTHENTICATED, 'metadata authorization is needed: Bearer <sensor key>');
  if (tenantId === undefined || sensorId === undefined)
    throw new CallEnded(status.INVALID_ARGUMENT, 'metadata earshot-tenant and earshot-sensor are needed');
  const session = await options.directory.authenticate({ tenantId, sensorId }, key);
  if (!('code' in session)) return session;
  options.metrics.refusals.inc({ protocol: 'grpc', code: session.code });
  throw endedFor(session);
};

const toResponse = (frame: SensorFrame | undefined, verdict: Verdict): StreamAudioResponse => ({
  bootId: frame?.bootId ?? '',
  sequence: frame?.sequence ?? 0,
  error: verdict === null ? IngestError.INGEST_ERROR_UNSPECIFIED : grpcErrorOf[verdict.code],
  message: verdict?.message ?? '',
  retryAfterMs: verdict?.retryAfterMs ?? 0,
});

const createFrameHandler =
  ({ acceptor, directory, metrics }: StreamAudioOptions, session: SensorSession) =>
  async (frame: SensorFrame | undefined): Promise<StreamAudioResponse> => {
    const fault = directory.sessionFault(session);
    if (fault !== null) {
      metrics.refusals.inc({ protocol: 'grpc', code: fault.code });
      if (fault.code === 'wrong_key') throw endedFor(fault);
      return toResponse(frame, fault);
    }
    if (frame === undefined) return toResponse(frame, refuse('bad_audio', 'a request without a frame'));
    const encoded = SensorFrame.encode(frame).finish();
    return toResponse(frame, await acceptor.acceptFrame({ sensor: session, frame, encoded, protocol: 'grpc' }));
  };

/** Waits until the sensor has read enough, or has gone. */
const drained = (call: Call): Promise<unknown> => {
  const gone = new AbortController();
  const { signal } = gone;
  return Promise.race([once(call, 'drain', { signal }), once(call, 'cancelled', { signal })]).finally(() =>
    gone.abort(),
  );
};

const write = async (call: Call, response: StreamAudioResponse): Promise<void> => {
  if (call.cancelled) return;
  if (!call.write(response)) await drained(call);
};

class AudioStream {
  private last = Promise.resolve();

  constructor(
    private readonly call: Call,
    private readonly options: StreamAudioOptions,
  ) {}

  /** Until the sensor has sent its last frame and every frame is answered. */
  async serve(): Promise<void> {
    const handleFrame = createFrameHandler(this.options, await authenticate(this.call.metadata, this.options));
    const awaited: Promise<void>[] = [];
    for await (const request of this.call) {
      const response = handleFrame((request as StreamAudioRequest).frame);
      const answered = Promise.all([response, this.last]).then(([ready]) => write(this.call, ready));
      // Whoever awaits it later hears of a failure; until then it must not count as unhandled.
      answered.catch(() => undefined);
      this.last = answered;
      awaited.push(answered);
      if (awaited.length >= MAX_AWAITED) await awaited.shift();
    }
    await this.last;
  }

  fail(error: unknown): void {
    if (this.call.cancelled) return;
    const known = error instanceof CallEnded;
    if (!known) this.options.logger.error({ err: error }, 'A stream failed');
    const details = error instanceof Error ? error.message : String(error);
    this.call.emit('error', { code: known ? error.code : status.INTERNAL, details });
  }

  /** Answers what is in hand, then sends the sensor away to come back later. */
  async leave(): Promise<void> {
    this.call.pause();
    await this.last.catch(() => undefined);
    this.fail(new CallEnded(status.UNAVAILABLE, 'ingestion is stopping: connect again'));
  }
}

export interface StreamAudio {
  readonly handle: (call: Call) => void;
  /** Ends all streams, each after the answers that are due. */
  stop(): Promise<void>;
}

export const createStreamAudio = (options: StreamAudioOptions): StreamAudio => {
  const streams = new Set<AudioStream>();
  return {
    handle: (call) => {
      const stream = new AudioStream(call, options);
      streams.add(stream);
      call.on('error', () => undefined); // a sensor that goes away is normal life
      stream
        .serve()
        .then(
          () => call.end(),
          (error: unknown) => stream.fail(error),
        )
        .finally(() => streams.delete(stream));
    },
    stop: async () => {
      await Promise.all([...streams].map((stream) => stream.leave()));
    },
  };
};
