import {
  IngestError,
  IngestionServiceClient,
  type SensorFrame,
  type StreamAudioRequest,
  type StreamAudioResponse,
} from '@earshot/contracts';
import { credentials, Metadata, status, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { backoff, NotLetIn, type Sender, type SensorIdentity, type Sent } from './sender.js';

type Stream = ClientDuplexStream<StreamAudioRequest, StreamAudioResponse>;

interface Waiting {
  readonly frame: SensorFrame;
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: Error) => void;
}

const TEMPORARY = new Set([IngestError.INGEST_ERROR_OVERLOADED, IngestError.INGEST_ERROR_UNAVAILABLE]);
const NOT_LET_IN = new Set([
  status.UNAUTHENTICATED,
  status.NOT_FOUND,
  status.FAILED_PRECONDITION,
  status.INVALID_ARGUMENT,
]);

/** One stream; when it breaks, a new one, on which every frame without an answer is sent again in order. */
class GrpcSender implements Sender {
  readonly window = 8;
  private readonly client: IngestionServiceClient;
  private readonly metadata = new Metadata();
  private readonly stopping = new AbortController();
  /** In the order sent, which is the order of the responses. */
  private waiting: Waiting[] = [];
  private stream: Stream | undefined;
  private failures = 0;

  constructor(
    address: string,
    private readonly identity: SensorIdentity,
  ) {
    this.client = new IngestionServiceClient(address, credentials.createInsecure());
    this.metadata.set('authorization', `Bearer ${identity.key}`);
    this.metadata.set('earshot-tenant', identity.tenantId);
    this.metadata.set('earshot-sensor', identity.sensorId);
  }

  open(): Promise<void> {
    this.connect();
    return Promise.resolve();
  }

  send(frame: SensorFrame): Promise<Sent> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ frame, resolve, reject });
      this.stream?.write({ frame });
    });
  }

  close(): Promise<void> {
    this.stopping.abort();
    this.stream?.cancel();
    this.client.close();
    return Promise.resolve();
  }

  private connect(): void {
    const stream = this.client.streamAudio(this.metadata);
    this.stream = stream;
    stream.on('data', (response: StreamAudioResponse) => this.answered(response));
    stream.on('error', (error: ServiceError) => this.lost(error));
    stream.on('end', () => stream.cancel()); // the other side ends nothing of its own accord: an error follows
    for (const { frame } of this.waiting) stream.write({ frame });
  }

  private answered({ error, retryAfterMs }: StreamAudioResponse): void {
    const [first, ...rest] = this.waiting;
    if (first === undefined) return;
    this.failures = 0;
    this.waiting = rest;
    if (error === IngestError.INGEST_ERROR_UNSPECIFIED) first.resolve('acknowledged');
    else if (!TEMPORARY.has(error)) first.resolve('refused');
    else {
      setTimeout(() => {
        this.waiting.push(first);
        this.stream?.write({ frame: first.frame });
      }, retryAfterMs);
    }
  }

  private lost(error: ServiceError): void {
    this.stream = undefined;
    if (this.stopping.signal.aborted) return;
    if (NOT_LET_IN.has(error.code) && this.failures >= 1) {
      for (const { reject } of this.waiting) reject(new NotLetIn(`gRPC: ${this.identity.sensorId}: ${error.details}`));
      this.waiting = [];
      return;
    }
    backoff(Math.min(this.failures++, 4), this.stopping.signal).then(
      () => this.connect(),
      () => undefined,
    );
  }
}

/** `address` is host:port. */
export const createGrpcSender = (address: string, identity: SensorIdentity): Sender =>
  new GrpcSender(address, identity);
