import { Alert, AlertState, dlqName, Rule, RulesServiceClient, SoundLevels, topicName } from '@earshot/contracts';
import { callUnary, createGrpcClient, grpcStatus } from '@earshot/platform/grpc';
import {
  createKafka,
  createProducer,
  ensureTopics,
  readToEnd,
  type IncomingRecord,
  type RecordProducer,
} from '@earshot/platform/kafka';
import { dlqHeaders, StageRunner } from '@earshot/platform/stage-runner';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAlerting } from './pipeline.js';

jest.setTimeout(120_000);

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const namespace = `t-${randomBytes(4).toString('hex')}`;
const logger = createLogger('alerting-test', 'error');
const kafka = createKafka({ brokers, clientId: 'alerting-test', logger });

interface Hook {
  readonly alert: { readonly id: string; readonly sensorId: string };
  readonly transition: string;
}
interface Running {
  readonly client: RulesServiceClient;
  stop(): Promise<void>;
}

const until = async <T>(what: string, probe: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not come`);
};

describe('alerting on a real broker', () => {
  let producer: RecordProducer;
  let alerting: Running;
  let server: Server;
  let hookUrl = '';
  const hooks: { path: string; key: string; body: Hook }[] = [];
  let failures = 0;

  const start = async (): Promise<Running> => {
    const own = await createProducer(kafka);
    const context = {
      kafka,
      producer: () => Promise.resolve(own),
      logger,
      registry: createRegistry('alerting'),
      namespace,
    };
    const settings = { grpcPort: 0, ruleLeadS: 0, webhookAllowPrivate: true, webhookFirstPauseMs: 50 };
    const made = await createAlerting(context, settings);
    const runner = new StageRunner(made.definition, { ...context, producer: own });
    const parts = [...made.parts, runner];
    for (const part of parts) await part.start();
    const client = createGrpcClient(RulesServiceClient, `127.0.0.1:${made.grpcPort()}`);
    return {
      client,
      stop: async () => {
        client.close();
        for (const part of [...parts].reverse()) await part.stop();
        await own.close();
      },
    };
  };

  const put = (changes: Partial<Rule>) =>
    callUnary(alerting.client, (client) => client.putRule, {
      rule: {
        ...Rule.fromPartial({ tenantId: 'demo', name: 'Loud', enabled: true }),
        condition: { $case: 'level', value: { quantity: 'laeq', aboveDb: 70, forS: 3, resolveAfterS: 2 } },
        ...changes,
      },
    });
  const levels = (sensorId: string, startUs: number, laeq: readonly number[]): Promise<void> =>
    producer.send(
      laeq.map((laeqDb, second) => ({
        topic: topicName('levels', namespace),
        key: `demo/${sensorId}`,
        value: SoundLevels.encode(
          SoundLevels.fromPartial({
            tenantId: 'demo',
            sensorId,
            timeUs: startUs + second * 1e6,
            durationMs: 1000,
            laeqDb,
          }),
        ).finish(),
      })),
    );
  const records = async (topic: string): Promise<readonly IncomingRecord[]> => {
    const all: IncomingRecord[] = [];
    await readToEnd(kafka, { topics: [topic], logger, onRecord: (record) => all.push(record) });
    return all;
  };
  const alertsOf = async (sensorId: string): Promise<readonly Alert[]> =>
    (await records(topicName('alerts', namespace)))
      .map(({ value }) => Alert.decode(value ?? new Uint8Array()))
      .filter((alert) => alert.sensorId === sensorId);
  const told = (sensorId: string) => hooks.filter(({ body }) => body.alert.sensorId === sensorId);

  beforeAll(async () => {
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const path = request.url ?? '';
        if (path === '/refuses') {
          response.writeHead(410).end();
          return;
        }
        if (failures > 0) {
          failures -= 1;
          response.writeHead(503).end();
          return;
        }
        hooks.push({ path, key: String(request.headers['idempotency-key']), body: JSON.parse(text) as Hook });
        response.writeHead(200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    hookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await ensureTopics({ brokers, namespace, partitions: 3 });
    producer = await createProducer(kafka);
    alerting = await start();
  });

  afterAll(async () => {
    await alerting.stop();
    await producer.close();
    server.close();
  });

  it('refuses a bad rule with every reason', async () => {
    await expect(put({ name: '', severity: 'fatal' })).rejects.toMatchObject({
      code: grpcStatus.INVALID_ARGUMENT,
      message: expect.stringMatching(/name.*severity/) as unknown,
    });
  });

  it('raises once and resolves once through a restart, and the webhook gets both', async () => {
    await put({ ruleId: 'loud', sensorIds: ['gate-1'], webhookUrl: `${hookUrl}/hook` });
    failures = 2;
    const startUs = Date.now() * 1000 + 1e6;
    await levels('gate-1', startUs, [80, 80, 80, 80]);
    await until('raised', async () => ((await alertsOf('gate-1')).length > 0 ? true : undefined));
    await until('the first webhook', () => (told('gate-1').length > 0 ? true : undefined));
    await alerting.stop();

    await levels('gate-1', startUs + 4e6, [80, 80, 60]);
    alerting = await start();
    await levels('gate-1', startUs + 7e6, [60, 60, 60]);
    await until('the second webhook', () => (told('gate-1').length > 1 ? true : undefined));

    const alerts = await alertsOf('gate-1');
    expect(alerts.map(({ state, revision }) => [state, revision])).toEqual([
      [AlertState.ALERT_STATE_RAISED, 0],
      [AlertState.ALERT_STATE_RESOLVED, 1],
    ]);
    expect(alerts[0]).toMatchObject({ ruleName: 'Loud', raisedUs: startUs + 3e6, severity: 'warning' });
    expect(alerts[1]).toMatchObject({ id: alerts[0]?.id, resolvedUs: startUs + 8e6 });
    expect(told('gate-1').map(({ key, body, path }) => [key, body.transition, path])).toEqual([
      [`${alerts[0]?.id ?? ''}:0`, 'raised', '/hook'],
      [`${alerts[0]?.id ?? ''}:1`, 'resolved', '/hook'],
    ]);
  });

  it('ends the open alert of a deleted rule, which is gone after a restart', async () => {
    await put({ ruleId: 'short', sensorIds: ['gate-2'] });
    const startUs = Date.now() * 1000 + 1e6;
    await levels('gate-2', startUs, [80, 80, 80]);
    await until('raised', async () => ((await alertsOf('gate-2')).length > 0 ? true : undefined));
    await callUnary(alerting.client, (client) => client.deleteRule, { tenantId: 'demo', ruleId: 'short' });
    await levels('gate-2', startUs + 60e6, [80]);
    const alerts = await until('resolved', async () => {
      const all = await alertsOf('gate-2');
      return all.length > 1 ? all : undefined;
    });
    expect(alerts.map(({ message }) => message)[1]).toBe('Rule Loud was deleted.');
    await alerting.stop();
    alerting = await start();
    const { rules } = await callUnary(alerting.client, (client) => client.listRules, { tenantId: 'demo' });
    expect(rules.map(({ ruleId }) => ruleId)).toEqual(['loud']);
  });

  it('puts what an endpoint refuses into the DLQ and goes on', async () => {
    await put({ ruleId: 'refused', sensorIds: ['gate-3'], webhookUrl: `${hookUrl}/refuses` });
    await levels('gate-3', Date.now() * 1000 + 1e6, [80, 80, 80]);
    const letter = await until('the dead letter', async () =>
      (await records(dlqName(topicName('alerts', namespace)))).at(0),
    );
    expect(letter.headers[dlqHeaders.reason]).toBe('undeliverable');
    expect(letter.headers[dlqHeaders.cause]).toBe('refused: HTTP 410');
    expect(Alert.decode(letter.value ?? new Uint8Array()).sensorId).toBe('gate-3');
  });
});
