import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { repositoryRoot } from '../config/settings.js';
import { signalProcess, waitForExit } from '../process/identity.js';
import { freePorts } from '../process/ports.js';
import { startClickHouse } from './start.js';
import type { RunningClickHouse } from './start.js';

/** Runs tools/dist: build first. */
describe('the embedded ClickHouse server', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'earshot-clickhouse-'));
  let port = 0;
  let server: RunningClickHouse;
  let client: ClickHouseClient;

  const start = async (): Promise<void> => {
    server = await startClickHouse({
      root: repositoryRoot,
      dataDir: path.join(folder, 'data'),
      port,
      logFile: path.join(folder, 'clickhouse.log'),
      env: { EARSHOT_CLICKHOUSE_SESSIONS: '4', EARSHOT_CLICKHOUSE_QUEUE: '8', EARSHOT_CLICKHOUSE_MAX_BODY_MIB: '4' },
    });
  };
  const rows = async <T>(query: string, query_params: Record<string, unknown> = {}): Promise<T[]> => {
    const result = await client.query({ query, query_params, format: 'JSONEachRow' });
    return await result.json<T>();
  };
  const post = (query: string, body?: Uint8Array | string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}/?${new URLSearchParams({ query, database: 'lab' }).toString()}`, {
      method: 'POST',
      headers,
      body: body ?? '',
    });

  beforeAll(async () => {
    port = (await freePorts(1))[0] ?? 0;
    await start();
    client = createClient({ url: server.url, database: 'lab', log: { level: ClickHouseLogLevel.OFF } });
    expect((await fetch(server.url, { method: 'POST', body: 'CREATE DATABASE lab' })).status).toBe(200);
    await client.command({
      query: `CREATE TABLE levels (sensor_id String, time DateTime64(3, 'UTC'), laeq_db Nullable(Float64),
              bands Array(Nullable(Float32)), revision UInt64)
              ENGINE = ReplacingMergeTree(revision) ORDER BY (sensor_id, time)`,
    });
  }, 60_000);

  afterAll(async () => {
    await client.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers /ping and the client’s two kinds of ping', async () => {
    expect(await (await fetch(`${server.url}/ping`)).text()).toBe('Ok.\n');
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toMatchObject({ success: true });
  });

  it('keeps the row with the highest revision under FINAL, with arrays, nulls and DateTime64', async () => {
    const base = { sensor_id: 'a', time: '2025-01-02 03:04:05.678', bands: [1.5, null], revision: 1 };
    const done = await client.insert({
      table: 'levels',
      values: [
        { ...base, laeq_db: 60 },
        { ...base, laeq_db: null, revision: 2 },
        { ...base, time: '2025-01-02T03:04:06.000Z', laeq_db: 61.25 },
      ],
      format: 'JSONEachRow',
      clickhouse_settings: { date_time_input_format: 'best_effort', async_insert: 1, wait_for_async_insert: 1 },
    });
    expect(done.summary?.written_rows).toBe('3');
    expect(await rows('SELECT time, laeq_db, bands FROM levels FINAL ORDER BY time')).toEqual([
      { time: '2025-01-02 03:04:05.678', laeq_db: null, bands: [1.5, null] },
      { time: '2025-01-02 03:04:06.000', laeq_db: 61.25, bands: [1.5, null] },
    ]);
  });

  it('binds parameters of all kinds without letting them into the statement', async () => {
    const text = 'it\'s \\ a "trap" {x:String}\t\n`ü`; DROP TABLE levels';
    const [row] = await rows(
      `SELECT {s:String} AS s, {n:Nullable(String)} IS NULL AS isNull, {a:Array(String)} AS a, {u:UInt64} + 1 AS u,
              {f:Float64} AS f, {d:DateTime64(3, 'UTC')} AS d, {b:Bool} AS b, {t:Identifier} AS t
       FROM (SELECT 7 AS pair)`,
      { s: text, n: null, a: [text, 'x'], u: 41, f: -1.5, d: new Date('2025-01-02T03:04:05.678Z'), b: true, t: 'pair' },
    );
    expect(row).toEqual({
      s: text,
      isNull: 1,
      a: [text, 'x'],
      u: 42,
      f: -1.5,
      d: '2025-01-02 03:04:05.678',
      b: true,
      t: 7,
    });
  });

  it('does not remember a parameter or a setting of an earlier statement', async () => {
    await Promise.all(Array.from({ length: 8 }, () => rows('SELECT {kept:String}', { kept: 'x' })));
    await expect(rows('SELECT {kept:String}')).rejects.toMatchObject({ code: '456' });
    await client.query({ query: "SELECT getSetting('max_threads')", clickhouse_settings: { max_threads: 1 } });
    for (let round = 0; round < 8; round += 1) {
      const [row] = await rows<{ m: string }>("SELECT toString(getSetting('max_result_bytes')) AS m");
      expect(row?.m).toBe(String(128 * 1024 * 1024));
    }
  });

  it('streams 100 000 rows, plain and compressed', async () => {
    for (const compression of [false, true]) {
      const reader = createClient({ url: server.url, compression: { response: compression, request: compression } });
      const result = await reader.query({
        query: 'SELECT number AS n, repeat(toString(number), 10) AS text FROM numbers(100000)',
        format: 'JSONEachRow',
      });
      let sum = 0;
      for await (const chunk of result.stream<{ n: number }>()) for (const row of chunk) sum += row.json().n;
      expect(sum).toBe((100_000 * 99_999) / 2);
      await reader.close();
    }
  });

  it('answers mistakes with the code, the text and a 4xx', async () => {
    await expect(rows('SELEC 1')).rejects.toMatchObject({ code: '62', type: 'SYNTAX_ERROR' });
    await expect(rows('SELECT * FROM nowhere')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
    const response = await post('SELECT * FROM nowhere');
    expect(response.status).toBe(404);
    expect(response.headers.get('x-clickhouse-exception-code')).toBe('60');
    expect(await response.text()).toMatch(/^Code: 60\. DB::Exception: .*\(UNKNOWN_TABLE\)\n$/s);
    const unknownSetting = await fetch(`${server.url}/?query=SELECT%201&no_such_setting=1`);
    expect(unknownSetting.status).toBe(404);
    const writeByGet = await fetch(`${server.url}/?query=${encodeURIComponent('DROP TABLE lab.levels')}`);
    expect(writeByGet.status).toBe(403);
  });

  it('never shows a failed statement’s rows in a later result', async () => {
    const big = 'SELECT repeat(toString(number), 100) AS text FROM numbers(3000000)';
    await expect(rows(big)).rejects.toMatchObject({ code: '396' });
    for (let round = 0; round < 6; round += 1) expect(await rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  }, 60_000);

  it('takes inserts from plain HTTP: data in the body, gzip, VALUES, a statement and its data in one body, no data', async () => {
    const insert = 'INSERT INTO levels (sensor_id, time, laeq_db, revision) FORMAT';
    const json = '{"sensor_id":"http","time":"2025-01-01 00:00:01","laeq_db":1,"revision":1}\n';
    expect((await post(`${insert} JSONEachRow`, json)).status).toBe(200);
    const zipped = gzipSync(json.replace('00:01', '00:02'));
    expect((await post(`${insert} JSONEachRow`, zipped, { 'content-encoding': 'gzip' })).status).toBe(200);
    expect((await post(`${insert} CSV`, 'http,2025-01-01 00:00:03,1,1\n')).status).toBe(200);
    expect((await post(`${insert} JSONEachRow`)).status).toBe(200);
    const values = "INSERT INTO lab.levels (sensor_id, time, revision) VALUES ('http', '2025-01-01 00:00:04', 1)";
    expect((await fetch(server.url, { method: 'POST', body: values })).status).toBe(200);
    const whole = `INSERT INTO lab.levels (sensor_id, time, revision) FORMAT JSONEachRow\n${json.replace('00:01', '00:05').replace('"laeq_db":1,', '')}`;
    expect((await fetch(server.url, { method: 'POST', body: whole })).status).toBe(200);
    expect(await rows("SELECT count() AS n FROM levels WHERE sensor_id = 'http'")).toEqual([{ n: 5 }]);
    expect((await post(`${insert} RowBinary`, 'x')).status).toBe(501);
    expect((await post(`${insert} JSONEachRow`, '{"sensor_id":')).status).toBe(400);
  });

  it('refuses a body over the limit with 413', async () => {
    const response = await post('INSERT INTO levels FORMAT JSONEachRow', Buffer.alloc(5 * 1024 * 1024, 32));
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('EARSHOT_CLICKHOUSE_MAX_BODY_MIB');
  });

  it('answers a short statement beside a long one and kills the long one when its client leaves', async () => {
    const leave = new AbortController();
    const long =
      'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number, {x:UInt8}) = 0 SETTINGS max_threads = 1';
    const gone = client
      .query({ query: long, query_params: { x: 1 }, abort_signal: leave.signal })
      .catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = performance.now();
    expect(await rows('SELECT {one:UInt8} AS one', { one: 1 })).toEqual([{ one: 1 }]);
    expect(performance.now() - before).toBeLessThan(1500);
    leave.abort();
    expect(await gone).toBeInstanceOf(Error);
    const running =
      "SELECT count() AS n FROM system.processes WHERE query LIKE '%100000000000%' AND query NOT LIKE '%processes%'";
    let left = 1;
    for (let round = 0; round < 50 && left > 0; round += 1) {
      left = Number((await rows<{ n: number }>(running))[0]?.n);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(left).toBe(0);
  }, 30_000);

  it('answers 503 when too many wait', async () => {
    const slow = Array.from({ length: 20 }, (_, index) => post(`SELECT sleep(1), ${index}`));
    const statuses = (await Promise.all(slow)).map((response) => response.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(12);
    expect(statuses.filter((status) => status === 503)).toHaveLength(8);
  }, 30_000);

  it('keeps acknowledged rows through a restart and through kill -9', async () => {
    const count = async (): Promise<number> =>
      Number((await rows<{ n: number }>("SELECT count() AS n FROM levels WHERE sensor_id = 'kept'"))[0]?.n);
    const insert = (second: number): Promise<unknown> =>
      client.insert({
        table: 'levels',
        values: [{ sensor_id: 'kept', time: `2025-01-01 00:00:0${second}`, bands: [], revision: 1 }],
        format: 'JSONEachRow',
      });
    await insert(1);
    await server.stop();
    await start();
    expect(await count()).toBe(1);
    await insert(2);
    signalProcess(server.identity, 'SIGKILL');
    await waitForExit(server.identity, 5000);
    await start();
    expect(await count()).toBe(2);
  }, 60_000);
});
