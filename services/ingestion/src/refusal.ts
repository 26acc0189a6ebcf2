import { IngestError } from '@earshot/contracts';

/** Why something is not taken. Closed set: the name is the HTTP error code, the metric label and, in capitals, the gRPC enum. */
export type IngestCode =
  | 'unknown_sensor'
  | 'wrong_key'
  | 'bad_audio'
  | 'bad_levels'
  | 'oversize'
  | 'overloaded'
  | 'retired_sensor'
  | 'unavailable';

export interface Refusal {
  readonly code: IngestCode;
  /** What was seen and what is allowed. */
  readonly message: string;
  /** When to send it again; only where sending again helps. */
  readonly retryAfterMs?: number;
}

/** null: taken, and safe in Kafka. */
export type Verdict = Refusal | null;

export const RETRY_AFTER_MS = 1_000;

export const refuse = (code: IngestCode, message: string): Refusal =>
  code === 'overloaded' || code === 'unavailable' ? { code, message, retryAfterMs: RETRY_AFTER_MS } : { code, message };

/** Whether the same frame may be taken later. */
export const isTemporary = (refusal: Refusal): boolean => refusal.retryAfterMs !== undefined;

export const grpcErrorOf: Readonly<Record<IngestCode, IngestError>> = {
  unknown_sensor: IngestError.INGEST_ERROR_UNKNOWN_SENSOR,
  wrong_key: IngestError.INGEST_ERROR_WRONG_KEY,
  bad_audio: IngestError.INGEST_ERROR_BAD_AUDIO,
  // Levels come over HTTP alone.
  bad_levels: IngestError.INGEST_ERROR_UNSPECIFIED,
  oversize: IngestError.INGEST_ERROR_OVERSIZE,
  overloaded: IngestError.INGEST_ERROR_OVERLOADED,
  retired_sensor: IngestError.INGEST_ERROR_RETIRED_SENSOR,
  unavailable: IngestError.INGEST_ERROR_UNAVAILABLE,
};

export const httpStatusOf: Readonly<Record<IngestCode, number>> = {
  unknown_sensor: 404,
  wrong_key: 401,
  bad_audio: 422,
  bad_levels: 422,
  oversize: 413,
  overloaded: 429,
  retired_sensor: 410,
  unavailable: 503,
};
