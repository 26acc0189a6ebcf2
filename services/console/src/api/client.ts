/** Thin typed client of the api under /v1. */
import type {
  Alert,
  Anomaly,
  Calibration,
  Classification,
  CreatedSensor,
  DayLevel,
  MissedBody,
  Model,
  ModelRef,
  ModelRoles,
  NewCalibration,
  NewSensor,
  Page,
  ReviewBody,
  ReviewQueue,
  ReviewSummary,
  Rule,
  RuleBody,
  SavedReview,
  SecondLevel,
  Sensor,
  Snapshot,
  SoundEvent,
  WindowLevel,
} from './types.js';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** `?a=1&b=2` of what is set; empty strings, null and undefined are left out. */
export function queryString(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** What went wrong, in words for people. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return 'The Earshot api does not answer. Is it running?';
  return error instanceof Error ? error.message : String(error);
}

interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface TimeRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface ListQuery extends TimeRange {
  readonly sensorId?: string | undefined;
  readonly limit?: number;
  readonly cursor?: string | undefined;
}

const modelPath = (id: string): string => `/v1/models/${encodeURIComponent(id)}`;
const eventPath = (id: string): string => `/v1/events/${encodeURIComponent(id)}`;

/** The sound of an event, a WAV file, and where the event is in it, seconds from its start. */
export interface ClipFile {
  readonly bytes: ArrayBuffer;
  readonly onsetS: number;
  readonly offsetS: number;
  readonly durationS: number;
  /** How much of it was heard; the rest is zeros. */
  readonly coveredS: number;
}

const sensorPath = (id: string): string => `/v1/sensors/${encodeURIComponent(id)}`;

export class ApiClient {
  constructor(
    readonly key: string,
    private readonly onUnauthorized: () => void,
  ) {}

  sensors(cursor?: string, signal?: AbortSignal): Promise<Page<Sensor>> {
    return this.request('/v1/sensors', { query: { limit: 1000, includeRetired: true, cursor }, signal });
  }
  sensor(id: string, signal?: AbortSignal): Promise<Sensor> {
    return this.request(sensorPath(id), { signal });
  }
  createSensor(sensor: NewSensor): Promise<CreatedSensor> {
    return this.request('/v1/sensors', { method: 'POST', body: sensor });
  }
  secondLevels(id: string, query: TimeRange & { include?: string }, signal?: AbortSignal): Promise<Page<SecondLevel>> {
    return this.request(`${sensorPath(id)}/levels`, { query: { ...query, resolution: '1s', limit: 10_000 }, signal });
  }
  windowLevels(
    id: string,
    query: TimeRange & { resolution: '1m' | '15m' | '1h' | '1d' },
    signal?: AbortSignal,
  ): Promise<Page<WindowLevel>> {
    return this.request(`${sensorPath(id)}/levels`, { query: { ...query, limit: 10_000 }, signal });
  }
  calibrations(id: string, signal?: AbortSignal): Promise<Page<Calibration>> {
    return this.request(`${sensorPath(id)}/calibrations`, { signal });
  }

  addCalibration(id: string, calibration: NewCalibration): Promise<Calibration> {
    return this.request(`${sensorPath(id)}/calibrations`, { method: 'POST', body: calibration });
  }

  /** Listens for a calibrator's tone; the calibration appears in the list when it was heard. */
  armCalibration(
    id: string,
    body: { readonly calibratorLevelDb: number; readonly timeoutS: number; readonly performedBy: string },
  ): Promise<{ readonly armedUntil: string }> {
    return this.request(`${sensorPath(id)}/calibrations/arm`, { method: 'POST', body });
  }

  /** The last 31 days of the site's clock. */
  days(id: string, signal?: AbortSignal): Promise<Page<DayLevel>> {
    return this.request(`${sensorPath(id)}/days`, { signal });
  }

  classifications(id: string, query: TimeRange, signal?: AbortSignal): Promise<Page<Classification>> {
    return this.request(`${sensorPath(id)}/classifications`, { query: { ...query, limit: 2000 }, signal });
  }
  events(
    query: ListQuery & { label?: string; open?: boolean | undefined; reviewed?: boolean | undefined },
    signal?: AbortSignal,
  ): Promise<Page<SoundEvent>> {
    return this.request('/v1/events', { query: { ...query }, signal });
  }
  async clip(eventId: string, signal?: AbortSignal): Promise<ClipFile> {
    const response = await this.answer(`${eventPath(eventId)}/clip`, { signal });
    const number = (name: string): number => Number(response.headers.get(`x-earshot-${name}`));
    return {
      bytes: await response.arrayBuffer(),
      onsetS: number('onset-s'),
      offsetS: number('offset-s'),
      durationS: number('clip-duration-s'),
      coveredS: number('clip-covered-s'),
    };
  }
  putReview(eventId: string, body: ReviewBody): Promise<SavedReview> {
    return this.request(`${eventPath(eventId)}/review`, { method: 'PUT', body });
  }
  async deleteReview(eventId: string): Promise<void> {
    await this.request<null>(`${eventPath(eventId)}/review`, { method: 'DELETE' });
  }
  addMissed(body: MissedBody): Promise<SavedReview> {
    return this.request('/v1/reviews', { method: 'POST', body });
  }
  reviewQueue(
    query: TimeRange & { sensorId?: string; label?: string; limit: number },
    signal?: AbortSignal,
  ): Promise<ReviewQueue> {
    return this.request('/v1/reviews/queue', { query: { ...query }, signal });
  }
  reviewSummary(query: TimeRange & { sensorId?: string }, signal?: AbortSignal): Promise<ReviewSummary> {
    return this.request('/v1/reviews/summary', { query: { ...query }, signal });
  }
  anomalies(query: ListQuery & { state?: string }, signal?: AbortSignal): Promise<Page<Anomaly>> {
    return this.request('/v1/anomalies', { query: { ...query }, signal });
  }
  alerts(query: ListQuery & { state?: string; ruleId?: string }, signal?: AbortSignal): Promise<Page<Alert>> {
    return this.request('/v1/alerts', { query: { ...query }, signal });
  }
  rules(signal?: AbortSignal): Promise<Page<Rule>> {
    return this.request('/v1/rules', { signal });
  }
  createRule(rule: RuleBody): Promise<Rule> {
    return this.request('/v1/rules', { method: 'POST', body: rule });
  }
  replaceRule(id: string, rule: RuleBody): Promise<Rule> {
    return this.request(`/v1/rules/${encodeURIComponent(id)}`, { method: 'PUT', body: rule });
  }
  async deleteRule(id: string): Promise<void> {
    await this.request<null>(`/v1/rules/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }
  models(signal?: AbortSignal): Promise<Page<Model>> {
    return this.request('/v1/models', { signal });
  }
  /** The ledger, newest first. */
  modelRoles(signal?: AbortSignal): Promise<Page<ModelRoles>> {
    return this.request('/v1/models/roles', { query: { limit: 100 }, signal });
  }
  promoteModel(
    { id, version }: ModelRef,
    body: { readonly keepInShadow: boolean; readonly note: string },
  ): Promise<ModelRoles> {
    return this.request(`${modelPath(id)}/promote`, { method: 'POST', body: { version, ...body } });
  }
  shadowModel({ id, version }: ModelRef, isOn: boolean): Promise<ModelRoles> {
    return isOn
      ? this.request(`${modelPath(id)}/shadow`, { method: 'POST', body: { version } })
      : this.request(`${modelPath(id)}/shadow`, { method: 'DELETE', query: { version } });
  }
  rollbackModel(task: string, note: string): Promise<ModelRoles> {
    return this.request('/v1/models/rollback', { method: 'POST', body: { task, note } });
  }
  snapshot(signal?: AbortSignal): Promise<Snapshot> {
    return this.request('/v1/live/snapshot', { signal });
  }

  /** Answers of 204 resolve to null. */
  private async request<T>(path: string, options: RequestOptions): Promise<T> {
    const response = await this.answer(path, options);
    return (response.status === 204 ? null : await response.json()) as T;
  }

  private async answer(path: string, options: RequestOptions): Promise<Response> {
    const response = await fetch(path + queryString(options.query ?? {}), {
      method: options.method ?? 'GET',
      headers: {
        authorization: `Bearer ${this.key}`,
        accept: 'application/json',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
    });
    if (response.status === 401) this.onUnauthorized();
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null;
  const code = body?.error?.code ?? 'unknown';
  return new ApiError(response.status, code, body?.error?.message ?? `The api answered ${response.status}.`);
}

/** Whether the api takes this key; throws when it does not answer at all. */
export async function keyIsValid(key: string): Promise<boolean> {
  const response = await fetch('/v1/sensors?limit=1', { headers: { authorization: `Bearer ${key}` } });
  if (response.status === 401 || response.status === 403) return false;
  if (!response.ok) throw await errorOf(response);
  return true;
}
