import type { IncomingMessage } from 'node:http';
import type { SensorRef } from '../access/sensors.js';
import { httpStatusOf, refuse, type Refusal } from '../refusal.js';
import { authenticateUpload, ForbiddenError } from './authenticate.js';
import type { HttpDoor } from './door.js';
import { discardRest, readBody } from './read-body.js';
import { HeaderError } from './upload-identity.js';

export interface Request {
  readonly raw: IncomingMessage;
}

export interface Reply {
  code(status: number): this;
  header(name: string, value: string): this;
  send(body: unknown): unknown;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs?: number;
}

/** Of a refused body so many times the largest one is read and thrown away before the answer. */
const DISCARDED_BODIES = 4;

/** What is done with the whole body of a sensor that is known: the receipt, or why not. */
export type TakeBody = (sensor: SensorRef, body: Uint8Array) => Promise<object | Refusal>;

const failed = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

const refused = (refusal: Refusal): Answer => ({
  ...failed(httpStatusOf[refusal.code], refusal.code, refusal.message),
  ...(refusal.retryAfterMs === undefined ? {} : { retryAfterMs: refusal.retryAfterMs }),
});

const counted = (door: HttpDoor, refusal: Refusal): Refusal => {
  door.metrics.refusals.inc({ protocol: 'http', code: refusal.code });
  return refusal;
};

/** Reads the body and does the work while there is room for it in memory. */
const withBody = async (
  door: HttpDoor,
  raw: IncomingMessage,
  work: (body: Uint8Array) => Promise<object | Refusal>,
): Promise<Answer> => {
  const { bodies, maxBodyBytes } = door;
  // What is not announced may be as large as the largest.
  const bytes = Math.min(Number(raw.headers['content-length'] ?? maxBodyBytes), maxBodyBytes);
  if (bodies.isFull)
    return refused(
      counted(door, refuse('overloaded', 'more uploads are under way than may be held; send it again later')),
    );
  await bodies.enter(bytes);
  try {
    const body = await readBody(raw, maxBodyBytes);
    if (body === undefined) {
      const message = `the body is larger than ${maxBodyBytes} bytes; cut it into several uploads`;
      return refused(counted(door, refuse('oversize', message)));
    }
    const taken = await work(body);
    return 'code' in taken ? refused(taken) : { status: 202, body: taken };
  } finally {
    bodies.leave(bytes);
  }
};

/** Who sends is looked at first, then the query and headers, and only then the body is read. */
const answerTo = async (
  door: HttpDoor,
  raw: IncomingMessage,
  sensorId: string,
  prepare: () => TakeBody,
): Promise<Answer> => {
  try {
    const sensor = await authenticateUpload(raw.headers, sensorId, door.apiKeys, door.directory);
    if ('code' in sensor) return refused(counted(door, sensor));
    const take = prepare();
    const busy = door.busy(sensor);
    if (busy !== null) return refused(counted(door, busy));
    return await withBody(door, raw, (body) => take(sensor, body));
  } catch (error) {
    if (error instanceof HeaderError) return failed(400, 'bad_request', error.message);
    if (error instanceof ForbiddenError) return failed(403, 'forbidden', error.message);
    throw error;
  }
};

/** Answers an upload: 202 with the receipt, or the error of its refusal. `prepare` may throw `HeaderError`. */
export const serve = async (
  door: HttpDoor,
  raw: IncomingMessage,
  reply: Reply,
  sensorId: string,
  prepare: () => TakeBody,
): Promise<void> => {
  const answer = await answerTo(door, raw, sensorId, prepare);
  if (answer.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(answer.retryAfterMs / 1000)));
  await discardRest(raw, DISCARDED_BODIES * door.maxBodyBytes);
  // What was not read of the body can't stand before the next request.
  if (!raw.complete) reply.header('connection', 'close');
  reply.code(answer.status).send(answer.body);
};
