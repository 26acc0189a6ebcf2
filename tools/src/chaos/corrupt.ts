import { createKafka, createProducer, type RecordProducer } from '@earshot/platform/kafka';
import { findLetters } from '@earshot/platform/dlq';
import { createLogger } from '@earshot/platform/telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import { spreadOf } from '../bench/spread.js';
import { startOwnStack, type OwnStack } from '../testing/own-stack.js';
import { memoryOf, type MemoryMb } from './memory.js';
import { poisons, type Poison, type PoisonContext } from './poison.js';
import { makeSensor, TENANT, type MadeSensor } from './sensors.js';
import { queryOf } from './stored.js';

export interface CorruptOptions {
  /** Pairs of a round of good input alone and one with bad input. */
  readonly rounds: number;
  readonly sensors: number;
  readonly secondsPerRound: number;
  readonly say: (text: string) => void;
}

export interface CorruptReport {
  readonly goodFramesPerRound: number;
  readonly badSent: number;
  /** Share of bad input among all. */
  readonly badShare: number;
  /** Good frames a second, from the first sent to the last stored. */
  readonly clean: readonly number[];
  readonly corrupt: readonly number[];
  /** Median of corrupt over clean of the same pair. */
  readonly ratio: number;
  readonly lettersExpected: number;
  readonly lettersFound: number;
  readonly wrong: readonly string[];
  readonly memoryMb: readonly MemoryMb[];
  readonly problems: readonly string[];
}

/** The good frames come as fast as they are taken. */
const SETTINGS = {
  FLEET__SILENT_AFTER_S: '3600',
  INGESTION__BACKFILL_AFTER_S: '1000000',
  INGESTION__SENSOR_RATE: '100000',
  INGESTION__SENSOR_BURST_S: '100000',
  INGESTION__TENANT_RATE: '1000000',
};
const BAD_SHARE = 0.01;
const LEAST_RATIO = 0.9;
/** Of the services' memory together, from after the first pair to the end. */
const MOST_GROWTH = 1.25;
export interface PoisonTally {
  readonly sent: Map<string, number>;
  readonly wrong: string[];
}

/** Sends the kinds in turn; tells what is answered otherwise than expected. */
export const createPoisoner = (
  context: PoisonContext,
  sensors: ReadonlyMap<string, MadeSensor>,
  tally: PoisonTally,
) => {
  let number = 0;
  return async (): Promise<void> => {
    const poison = poisons[number % poisons.length];
    number += 1;
    const sensor = sensors.get(poison?.name ?? '');
    if (poison === undefined || sensor === undefined) return;
    const answer = await poison.send(context, sensor, number).catch((error: unknown) => String(error));
    tally.sent.set(poison.name, (tally.sent.get(poison.name) ?? 0) + 1);
    if (answer !== poison.answer) tally.wrong.push(`${poison.name}: answered ${answer}, expected ${poison.answer}`);
  };
};

/** Every letter that has to be there, with its reason; what is missing or more is told. */
export const checkLetters = async (
  brokers: string,
  namespace: string,
  tally: PoisonTally,
  kinds: readonly Poison[],
) => {
  const logger = createLogger('chaos', 'fatal');
  const kafka = createKafka({ brokers: brokers.split(','), clientId: 'chaos', logger });
  const { found } = await findLetters(kafka, logger, namespace, { key: TENANT }, 100_000, { values: false });
  let [expected, right] = [0, 0];
  for (const { name, letter } of kinds) {
    const sent = letter === null ? 0 : (tally.sent.get(name) ?? 0);
    const own = found.filter(({ letter: one }) => one.key === `${TENANT}/poison-${name}`);
    const good = own.filter(({ letter: one }) => one.reason === letter?.reason && one.stage === letter.stage);
    expected += sent;
    right += Math.min(sent, good.length);
    // A door that was asked twice keeps it twice.
    if (good.length < sent)
      tally.wrong.push(
        `${name}: ${good.length} of ${sent} letters of ${letter?.stage ?? ''} with reason ${letter?.reason ?? ''}; ${JSON.stringify(own.slice(0, 2).map(({ letter: one }) => [one.stage, one.reason, one.cause]))}`,
      );
    if (letter === null && own.length > 0) tally.wrong.push(`${name}: ${own.length} letters, none is expected`);
  }
  return { expected, right };
};

export const openPoison = async (stack: OwnStack) => {
  const namespace = process.env['TOPIC_NAMESPACE'] ?? 'earshot';
  const logger = createLogger('chaos', 'fatal');
  const brokers = stack.status.kafkaBrokers;
  const kafka = createKafka({ brokers: brokers.split(','), clientId: 'poison', logger });
  const producer: RecordProducer = await createProducer(kafka);
  const sensors = new Map<string, MadeSensor>();
  for (const { name } of poisons) sensors.set(name, await makeSensor(stack, `poison-${name}`));
  const context: PoisonContext = { status: stack.status, producer, namespace, tenantId: TENANT };
  return { context, sensors, close: () => producer.close(), brokers, namespace };
};

/** Good frames a second through the whole pipeline. */
const play = async (stack: OwnStack, prefix: string, { sensors, secondsPerRound }: CorruptOptions): Promise<number> => {
  const query = queryOf(stack.status.clickhouseUrl);
  const frames = sensors * secondsPerRound;
  const begin = performance.now();
  const sent = await stack.cli(
    ...['simulate', '--sensors', String(sensors), '--prefix', prefix, '--protocol', 'grpc', '--source', 'synthetic'],
    ...[
      '--duration-s',
      String(secondsPerRound),
      '--start',
      String(Date.now() - (secondsPerRound + 60) * 1000),
      '--json',
    ],
  );
  if (sent.status !== 0) throw new Error(`The sensors failed:\n${sent.stderr}`);
  for (;;) {
    const [row] = await query<{ n: string }>(
      `SELECT count() AS n FROM earshot.levels_1s WHERE startsWith(sensor_id, '${prefix}-')`,
    );
    if (Number(row?.n ?? 0) >= frames) return (1000 * frames) / (performance.now() - begin);
    if (performance.now() - begin > 600_000) throw new Error(`Only ${row?.n ?? 0} of ${frames} frames were stored`);
    await sleep(200);
  }
};

/** Rounds of good input alone and with 1 % of every kind of bad input, in turn, on a stack of its own. */
export const runCorrupt = async (options: CorruptOptions): Promise<CorruptReport> => {
  const { rounds, sensors, secondsPerRound, say } = options;
  say('Starting a stack …');
  const stack = await startOwnStack(SETTINGS);
  try {
    const poison = await openPoison(stack);
    const tally: PoisonTally = { sent: new Map(), wrong: [] };
    const next = createPoisoner(poison.context, poison.sensors, tally);
    const perRound = Math.ceil((BAD_SHARE / (1 - BAD_SHARE)) * sensors * secondsPerRound);
    const clean: number[] = [];
    const corrupt: number[] = [];
    const memoryMb: MemoryMb[] = [];
    await play(stack, 'warm', options);
    for (let round = 0; round < rounds; round++) {
      // Each of a pair comes first in turn.
      const withoutBad = async (): Promise<void> => {
        clean.push(await play(stack, `clean${round}`, options));
      };
      if (round % 2 === 0) await withoutBad();
      const spreadMs = ((1000 * sensors * secondsPerRound) / (clean.at(-1) ?? 100)) * 0.8;
      const [rate] = await Promise.all([
        play(stack, `corrupt${round}`, options),
        (async () => {
          for (let sent = 0; sent < perRound; sent++) {
            const due = performance.now() + spreadMs / perRound;
            await next();
            await sleep(Math.max(0, due - performance.now()));
          }
        })(),
      ]);
      corrupt.push(rate);
      if (round % 2 === 1) await withoutBad();
      memoryMb.push(memoryOf(stack));
      say(
        `round ${round + 1}/${rounds}: ${(clean[round] ?? 0).toFixed(0)} frames/s clean, ${rate.toFixed(0)} with 1 % bad; memory ${JSON.stringify(memoryMb.at(-1))}`,
      );
    }
    await sleep(5_000);
    const letters = await checkLetters(poison.brokers, poison.namespace, tally, poisons);
    await poison.close();
    const badSent = [...tally.sent.values()].reduce((sum, count) => sum + count, 0);
    const goodFramesPerRound = sensors * secondsPerRound;
    const ratio = spreadOf(corrupt.map((rate, round) => rate / (clean[round] ?? NaN))).median;
    const total = ({ total: sum }: MemoryMb): number => sum;
    const [first, last] = [memoryMb[0], memoryMb.at(-1)];
    const growth = first === undefined || last === undefined ? 1 : total(last) / total(first);
    const checks: readonly (readonly [boolean, string])[] = [
      [
        ratio >= LEAST_RATIO,
        `good input passed at ${ratio.toFixed(2)} of its rate without bad input, less than ${LEAST_RATIO}`,
      ],
      [
        letters.right === letters.expected,
        `${letters.right} of ${letters.expected} dead letters with the right reason`,
      ],
      [growth <= MOST_GROWTH, `memory grew to ${growth.toFixed(2)} of what it was after the first pair`],
      ...tally.wrong.map((text) => [false, text] as const),
    ];
    return {
      goodFramesPerRound,
      badSent,
      badShare: badSent / (badSent + rounds * goodFramesPerRound),
      clean,
      corrupt,
      ratio,
      lettersExpected: letters.expected,
      lettersFound: letters.right,
      wrong: tally.wrong,
      memoryMb,
      problems: checks.filter(([isRight]) => !isRight).map(([, problem]) => problem),
    };
  } finally {
    await stack.stop();
  }
};
