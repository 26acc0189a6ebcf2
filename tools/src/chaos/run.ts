import { setTimeout as sleep } from 'node:timers/promises';
import { services } from '../stack/services.js';
import { startOwnStack, type OwnStack } from '../testing/own-stack.js';
import { checkAggregates, type AggregateCheck } from './aggregates.js';
import { createFaultProxy, type FaultProxy } from './fault-proxy.js';
import { injectAll, processesOf, type Injected } from './inject.js';
import { collectOutputs, compareOutputs, type TopicComparison, type TopicOutputs } from './outputs.js';
import { scheduleFaults, type Targets } from './schedule.js';
import { drained, tallyOf, type Tally } from './sensors.js';
import { checkUnique, queryOf, type Query, type StoredCheck } from './stored.js';
import { checkWebhooks, createWebhookSink, type WebhookCheck, type WebhookSink } from './webhook-sink.js';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: number;
  /** Over all three protocols. */
  readonly sensors: number;
  readonly say: (text: string) => void;
}

export interface FrameCheck {
  readonly sent: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly stored: number;
  /** Acknowledged and not stored. */
  readonly lost: number;
}

export interface ChaosReport {
  readonly seed: number;
  readonly minutes: number;
  readonly sensors: number;
  readonly faults: readonly Injected[];
  readonly restarts: Readonly<Record<string, number>>;
  readonly frames: FrameCheck;
  readonly unique: readonly StoredCheck[];
  readonly aggregates: AggregateCheck;
  readonly webhooks: WebhookCheck;
  readonly outputs: readonly TopicComparison[];
  /** What is wrong; empty: nothing. */
  readonly problems: readonly string[];
}

const PROTOCOLS = ['mqtt', 'http', 'grpc'] as const;
type Protocol = (typeof PROTOCOLS)[number];

const PREFIX = 'chaos-';
/** Sound plays on after the last fault. */
const CALM_END_MS = 15_000;
const SETTLE_MS = 8_000;
const DRAIN_S = 600;
/**
 * What is judged by the clock of the wall differs from run to run, and is kept out: presence, and the lane of a frame. Sound that comes
 * late or too fast for the live lane may lose its place (its levels are measured all the same): the fire makes it late, the calm run
 * sends it later and as fast as it is taken.
 */
const SETTINGS = {
  FLEET__SILENT_AFTER_S: '3600',
  INGESTION__BACKFILL_AFTER_S: '1000000',
  INGESTION__SENSOR_RATE: '100000',
  INGESTION__SENSOR_BURST_S: '100000',
  INGESTION__TENANT_RATE: '1000000',
  ANOMALY_DETECTION__WARMUP_S: '30',
  ALERTING__WEBHOOK_ALLOW_PRIVATE: 'true',
};
/** What is tested does not depend on it. */
const RATE_HZ = 16_000;
/** Share of frames that sensors send twice. */
const RESEND = '0.05';

interface Played {
  readonly startMs: number;
  readonly seconds: number;
  readonly options: ChaosOptions;
}

const portOf = (address: string): number =>
  Number(new URL(address.includes('://') ? address : `tcp://${address}`).port);

const addRule = async (stack: OwnStack, webhookUrl: string): Promise<void> => {
  const { status, body } = await stack.api('POST', '/v1/rules', {
    name: 'Loud',
    severity: 'warning',
    sensorIds: [],
    condition: { kind: 'level', quantity: 'laeq', aboveDb: -35, forS: 2, resolveAfterS: 4 },
    webhookUrl,
  });
  if (status !== 201) throw new Error(`The rule was not made: ${status} ${JSON.stringify(body)}`);
};

/** All sensors of all protocols, until everything is acknowledged. `doors`: other addresses than the stack's own. */
const play = async (stack: OwnStack, played: Played, doors: ReadonlyMap<Protocol, number>): Promise<Tally> => {
  const { startMs, seconds, options } = played;
  const tallies = await Promise.all(
    PROTOCOLS.map(async (protocol, index) => {
      const sensors = Math.floor((options.sensors + index) / PROTOCOLS.length);
      const port = doors.get(protocol);
      const door = { mqtt: ['--mqtt-url', `mqtt://127.0.0.1:${port}`], grpc: ['--grpc-url', `127.0.0.1:${port}`] };
      const through = protocol === 'http' ? ['--api-url', `http://127.0.0.1:${port}`] : door[protocol];
      const result = await stack.cli(
        'simulate',
        ...['--sensors', String(sensors), '--protocol', protocol, '--prefix', `${PREFIX}${protocol}`],
        ...[
          '--source',
          'synthetic',
          '--sample-rate-hz',
          String(RATE_HZ),
          '--seed',
          String(options.seed),
          '--duration-s',
          String(seconds),
          '--json',
        ],
        ...['--boot', `${PREFIX}${protocol}`, '--start', String(startMs), '--resend', RESEND],
        ...(port === undefined ? [] : through),
      );
      return tallyOf(result);
    }),
  );
  return {
    sentSeconds: tallies.reduce((sum, tally) => sum + tally.sentSeconds, 0),
    acknowledgedSeconds: tallies.reduce((sum, tally) => sum + tally.acknowledgedSeconds, 0),
    refused: tallies.reduce((sum, tally) => sum + tally.refused, 0),
  };
};

/** Numbers of rows; they change as long as anything is still stored. */
const rowCounts = async (query: Query): Promise<string> => {
  const tables = ['levels_1s', 'classifications', 'events', 'anomalies', 'alerts', 'levels_1h'];
  const counts = tables.map((table) => `(SELECT toString(count()) FROM earshot.${table})`).join(', ');
  return JSON.stringify(await query<Record<string, string>>(`SELECT ${counts}`).catch(() => []));
};

/** Windows of an hour are recomputed once a minute: all of them hold what is stored. */
const recomputed = async (query: Query): Promise<AggregateCheck> => {
  const end = performance.now() + 150_000;
  for (;;) {
    const check = await checkAggregates(query, PREFIX);
    if (check.different === 0 || performance.now() > end) return check;
    await sleep(5_000);
  }
};

interface Outcome {
  readonly tally: Tally;
  readonly outputs: readonly TopicOutputs[];
  readonly stored: number;
  readonly unique: readonly StoredCheck[];
}

const outcomeOf = async (stack: OwnStack, tally: Tally): Promise<Outcome> => {
  const query = queryOf(stack.status.clickhouseUrl);
  await drained(stack, { stored: () => rowCounts(query), settleMs: SETTLE_MS, atMostS: DRAIN_S });
  const unique = await checkUnique(query, PREFIX);
  return {
    tally,
    outputs: await collectOutputs(stack.status.kafkaBrokers, PREFIX),
    stored: unique.find(({ what }) => what === 'levels_1s')?.rows ?? 0,
    unique,
  };
};

const underFire = async (stack: OwnStack, played: Played) => {
  const { options, seconds } = played;
  const { status } = stack;
  const proxies = new Map<Protocol, FaultProxy>([
    ['mqtt', await createFaultProxy(portOf(status.mqttUrl))],
    ['http', await createFaultProxy(portOf(status.apiUrl))],
    ['grpc', await createFaultProxy(portOf(status.grpcUrl))],
  ]);
  const targets: Targets = {
    processes: processesOf(stack).map(({ name }) => name),
    scalable: services.filter(({ ports }) => ports.length === 0).map(({ name }) => name),
    doors: PROTOCOLS,
  };
  try {
    const schedule = scheduleFaults(options.seed, options.faults, seconds * 1000 - CALM_END_MS, targets);
    const playing = play(stack, played, new Map([...proxies].map(([name, { port }]) => [name, port])));
    await sleep(Math.max(0, played.startMs - Date.now()));
    const [tally, faults] = await Promise.all([
      playing,
      injectAll(stack, proxies, schedule, ({ number, kind, target, holdMs, outcome }) =>
        options.say(
          `fault ${number + 1}/${schedule.length}: ${kind} ${target} ${holdMs > 0 ? `${holdMs} ms ` : ''}(${outcome})`,
        ),
      ),
    ]);
    options.say(`played: ${JSON.stringify(tally)}`);
    const outcome = await outcomeOf(stack, tally);
    const restarts = Object.fromEntries(processesOf(stack).map((one) => [one.name, one.restarts]));
    return { outcome, faults, restarts };
  } finally {
    for (const proxy of proxies.values()) await proxy.close();
  }
};

const problemsOf = (report: Omit<ChaosReport, 'problems'>, calm: Outcome, planned: number): readonly string[] => {
  const { frames, unique, aggregates, webhooks, outputs, faults } = report;
  const done = faults.filter(({ outcome }) => outcome === 'done').length;
  const checks: readonly (readonly [boolean, string])[] = [
    [frames.lost === 0, `${frames.lost} acknowledged frames are not stored`],
    [frames.refused === 0, `${frames.refused} frames were refused`],
    [frames.stored <= frames.acknowledged, `${frames.stored - frames.acknowledged} rows more than frames`],
    [frames.acknowledged > 0, 'nothing was acknowledged'],
    [done >= planned / 2, `only ${done} of ${planned} faults could be done`],
    ...unique.map(({ what, duplicates }) => [duplicates === 0, `${duplicates} duplicate rows in ${what}`] as const),
    [aggregates.different === 0, `${aggregates.different} windows differ from their seconds`],
    [webhooks.duplicates === 0, `${webhooks.duplicates} transitions were told under two keys`],
    [
      calm.tally.acknowledgedSeconds === frames.acknowledged && calm.stored === frames.stored,
      `the run without faults took ${calm.tally.acknowledgedSeconds} frames and stored ${calm.stored}`,
    ],
    ...outputs.map(
      (one) =>
        [
          one.missing + one.unexpected + one.different + one.contradictions === 0,
          `${one.topic}: ${one.missing} missing, ${one.unexpected} unexpected, ${one.different} different, ${one.contradictions} contradictory`,
        ] as const,
    ),
  ];
  return checks.filter(([isRight]) => !isRight).map(([, problem]) => problem);
};

/**
 * Simulated sensors over all three protocols play while a seeded schedule of faults goes on; then the same frames go to another stack, where nothing
 * fails. Compares what was acknowledged with what is stored, rows and alerts for duplicates, windows with their seconds, and all outputs of
 * both runs. Both stacks are this process's own and end with it.
 */
export const runChaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  const seconds = Math.round(options.minutes * 60);
  const stacks: OwnStack[] = [];
  const sinks: WebhookSink[] = [];
  const open = async (what: string) => {
    options.say(`Starting a stack ${what} …`);
    const stack = await startOwnStack(SETTINGS);
    stacks.push(stack);
    const webhooks = await createWebhookSink();
    sinks.push(webhooks);
    await addRule(stack, webhooks.url);
    return { stack, webhooks };
  };
  try {
    // Its rules have to be in force at the event times of the sound; until its turn it takes nothing from the other.
    const calm = await open('without faults');
    await calm.stack.suspend();
    const fire = await open('with faults');
    // Rules are in force some seconds after they are made; sensors register first.
    const played: Played = { startMs: Date.now() + 20_000, seconds, options };
    const { outcome, faults, restarts } = await underFire(fire.stack, played);
    const aggregates = await recomputed(queryOf(fire.stack.status.clickhouseUrl));
    await fire.stack.suspend();
    options.say('The same frames without faults …');
    await calm.stack.resume();
    const expected = await outcomeOf(calm.stack, await play(calm.stack, played, new Map()));
    const { tally, stored, unique } = outcome;
    const report = {
      seed: options.seed,
      minutes: options.minutes,
      sensors: options.sensors,
      faults,
      restarts,
      frames: {
        sent: tally.sentSeconds,
        acknowledged: tally.acknowledgedSeconds,
        refused: tally.refused,
        stored,
        lost: Math.max(0, tally.acknowledgedSeconds - stored),
      },
      unique,
      aggregates,
      webhooks: checkWebhooks(fire.webhooks.deliveries),
      outputs: compareOutputs(outcome.outputs, expected.outputs),
    };
    return { ...report, problems: problemsOf(report, expected, options.faults) };
  } finally {
    for (const stack of stacks) await stack.stop();
    for (const sink of sinks) await sink.close();
  }
};
