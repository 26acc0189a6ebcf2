import { Session, drainPending } from 'chdb';
import type { RawInsertFormat } from 'chdb';

import { codes, exception, toException } from './exception.js';
import { mentionsParameter, parseInsertHeader, preludeOf, quoteLiteral } from './sql-text.js';
import type { Statement } from './statement.js';

export interface PoolConfig {
  dataDir: string;
  /** Statements that run at the same time; each takes one thread of libuv's pool (UV_THREADPOOL_SIZE). */
  sessions: number;
  queueLimit: number;
  queueTimeoutMs: number;
  maxResultBytes: number;
  maxQueryMemoryBytes: number;
}

export interface Outcome {
  body: Uint8Array;
  rowsRead: number;
  bytesRead: number;
  rowsWritten: number;
  bytesWritten: number;
  elapsedS: number;
}

interface Slot {
  session: Session;
  /** Found in system.processes as the setting log_comment of whatever the session runs. */
  mark: string;
  database: string;
  dirtySettings: Set<string>;
  params: Set<string>;
}

interface Waiting {
  start: (slot: Slot) => void;
  refuse: (error: Error) => void;
}

const bytesFormats: ReadonlySet<string> = new Set([
  'JSONEachRow',
  'JSONCompactEachRow',
  'TSV',
  'TabSeparated',
  'TSVWithNames',
  'TabSeparatedWithNames',
  'CSV',
  'CSVWithNames',
] satisfies RawInsertFormat[]);
const isBytesFormat = (format: string): format is RawInsertFormat => bytesFormats.has(format);
const binaryFormat = /^(RowBinary|Native|Parquet|Arrow|ORC|Avro|MsgPack|Protobuf|CapnProto|BSON|RawBLOB|Npy)/i;

/**
 * Sessions of the embedded engine on one data directory. A session runs one statement at a time, so a pool of them
 * keeps a short statement from waiting behind a long one. A session whose statement failed is replaced (1 ms): the
 * engine leaves a failed statement's output in it, which would head the next result.
 *
 * Results are complete before they are handed out (never streamed): the binding starts a stream on the event loop's
 * thread and would stop all other requests for as long as the analysis takes.
 */
export class SessionPool {
  readonly #config: PoolConfig;
  readonly #idle: Slot[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #open = 0;
  #closing = false;
  readonly #control: Session;
  /** Settings that differ from ClickHouse's defaults on a fresh session. */
  #base: ReadonlyMap<string, string> = new Map();
  #nextMark = 1;

  constructor(config: PoolConfig) {
    this.#config = config;
    this.#control = this.#openSession('control');
  }

  /** Reads the sessions' base settings; to be awaited once before the first `run`. */
  async prepare(): Promise<void> {
    const changed = await this.#control.queryAsync('SELECT name, value FROM system.settings WHERE changed', {
      format: 'JSONCompactEachRow',
    });
    const lines = changed
      .text()
      .split('\n')
      .filter((line) => line !== '');
    const base = new Map(lines.map((line) => JSON.parse(line) as [string, string]));
    base.delete('log_comment');
    this.#base = base;
  }

  get active(): number {
    return this.#running.size;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  /**
   * Runs one statement; its result is complete when the promise settles and an INSERT's rows are then in the table.
   * When `signal` fires a statement that waits is refused and one that runs is killed.
   *
   * @throws ClickHouseException
   */
  async run(statement: Statement, signal: AbortSignal): Promise<Outcome> {
    const slot = await this.#take(signal);
    const work = this.#runOn(slot, statement, signal);
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Refuses what waits, lets what runs finish for `graceMs`, kills the rest and closes every session. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(shuttingDown());
    const grace = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    await Promise.race([Promise.allSettled([...this.#running]), grace]);
    if (this.#running.size > 0) await this.#kill("LIKE 'slot-%'");
    await Promise.allSettled([...this.#running]);
    for (const slot of this.#idle.splice(0)) slot.session.close();
    this.#control.close();
    await drainPending();
  }

  #openSession(mark: string): Session {
    return new Session(this.#config.dataDir, {
      connectionArgs: [
        `--log_comment=${mark}`,
        `--max_result_bytes=${this.#config.maxResultBytes}`,
        '--result_overflow_mode=throw',
        `--max_memory_usage=${this.#config.maxQueryMemoryBytes}`,
      ],
    });
  }

  #newSlot(): Slot {
    const mark = `slot-${this.#nextMark++}`;
    return { session: this.#openSession(mark), mark, database: 'default', dirtySettings: new Set(), params: new Set() };
  }

  async #take(signal: AbortSignal): Promise<Slot> {
    if (this.#closing) throw shuttingDown();
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#open < this.#config.sessions) {
      this.#open += 1;
      return this.#newSlot();
    }
    if (this.#waiting.length >= this.#config.queueLimit) {
      throw tooMany(`${this.#config.sessions} statements run and ${this.#waiting.length} wait; try again later.`);
    }
    return await new Promise<Slot>((resolve, reject) => {
      const leave = (error: Error): void => {
        const index = this.#waiting.indexOf(waiting);
        if (index >= 0) this.#waiting.splice(index, 1);
        waiting.refuse(error);
      };
      const onAbort = (): void => {
        leave(exception(codes.queryWasCancelled, 'QUERY_WAS_CANCELLED', 'The client went away.'));
      };
      const timer = setTimeout(() => {
        leave(tooMany(`waited ${this.#config.queueTimeoutMs} ms for one of ${this.#config.sessions} sessions.`));
      }, this.#config.queueTimeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const waiting: Waiting = {
        start: (slot) => {
          settle();
          resolve(slot);
        },
        refuse: (error) => {
          settle();
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort);
      this.#waiting.push(waiting);
    });
  }

  #release(slot: Slot): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(slot);
    else next.start(slot);
  }

  async #runOn(taken: Slot, statement: Statement, signal: AbortSignal): Promise<Outcome> {
    let slot = taken;
    const stale = [...slot.params].some(
      (name) => !statement.params.has(name) && mentionsParameter(statement.sql, name),
    );
    if (stale) slot = this.#replace(slot);
    let killing: Promise<void> | undefined;
    const onAbort = (): void => {
      killing = this.#kill(`= ${quoteLiteral(slot.mark)}`);
    };
    signal.addEventListener('abort', onAbort);
    try {
      const prelude = preludeOf(slot, statement, this.#base);
      if (prelude !== '') await slot.session.queryAsync(prelude);
      slot.database = statement.database;
      slot.dirtySettings = new Set(statement.settings.keys());
      for (const name of statement.params.keys()) slot.params.add(name);
      return await execute(slot.session, statement);
    } catch (error) {
      slot = this.#replace(slot);
      throw error instanceof RangeError
        ? exception(codes.badArguments, 'BAD_ARGUMENTS', error.message)
        : toException(error);
    } finally {
      signal.removeEventListener('abort', onAbort);
      // A kill on its way must not hit the session's next statement.
      await killing;
      this.#release(slot);
    }
  }

  #replace(slot: Slot): Slot {
    slot.session.close();
    return this.#newSlot();
  }

  async #kill(whoseMark: string): Promise<void> {
    await this.#control
      .queryAsync(`KILL QUERY WHERE Settings['log_comment'] ${whoseMark} ASYNC`)
      .catch(() => undefined);
  }
}

const tooMany = (text: string): Error =>
  exception(codes.tooManySimultaneousQueries, 'TOO_MANY_SIMULTANEOUS_QUERIES', `Too many statements: ${text}`);
const shuttingDown = (): Error =>
  exception(codes.queryWasCancelled, 'QUERY_WAS_CANCELLED', 'The server is shutting down.', 503);

const execute = async (session: Session, statement: Statement): Promise<Outcome> => {
  const { sql, data } = statement;
  if (data === undefined || (data.length === 0 && parseInsertHeader(sql) === undefined)) {
    return await query(session, sql, statement.defaultFormat);
  }
  const header = parseInsertHeader(sql);
  if (header === undefined) return await query(session, `${sql}\n${data.toString('utf8')}`, statement.defaultFormat);
  if (data.length === 0) return { ...nothing };
  if (isBytesFormat(header.format)) {
    const { rowsWritten, bytesWritten, elapsed } = await session.insert({
      table: header.table,
      ...(header.columns === undefined ? {} : { columns: header.columns }),
      format: header.format,
      values: data,
    });
    return { ...nothing, rowsWritten, bytesWritten, elapsedS: elapsed };
  }
  if (binaryFormat.test(header.format)) {
    const text = `INSERT with FORMAT ${header.format} is not done by the embedded engine: use JSONEachRow, CSV or TabSeparated.`;
    throw exception(codes.notImplemented, 'NOT_IMPLEMENTED', text);
  }
  return await query(session, `${sql}\n${data.toString('utf8')}`, statement.defaultFormat);
};

const nothing: Readonly<Outcome> = {
  body: new Uint8Array(0),
  rowsRead: 0,
  bytesRead: 0,
  rowsWritten: 0,
  bytesWritten: 0,
  elapsedS: 0,
};

const query = async (session: Session, sql: string, format: string): Promise<Outcome> => {
  const result = await session.queryAsync(sql, { format });
  const { rowsRead, bytesRead, elapsed } = result;
  return { ...nothing, body: result.bytes(), rowsRead, bytesRead, elapsedS: elapsed };
};
