import { parseArgs } from 'node:util';
import { findLetters, notReplayable, toReplay, type Found, type LetterFilter } from '@earshot/platform/dlq';
import { createKafka, createProducer, type Kafka } from '@earshot/platform/kafka';
import { createLogger, type Logger } from '@earshot/platform/telemetry';
import { readSettings } from '../config/settings.js';
import { endpointsOf } from '../stack/services.js';
import { readRecord } from '../stack/record.js';
import { formatTable } from '../stack/table.js';

const usage = `Usage: earshot dlq list [options] | dlq show ID | dlq replay ID… | dlq replay --all [options]

Records that a stage or a door could not use, with why; put back where they came from once the cause is gone.

  --topic T     only letters meant for this topic, e.g. audio.v1
  --reason R    undecodable, invalid, unsupported, oversize or stage-error
  --stage S     only those of this stage
  --key K       tenant, or tenant/sensor
  --limit N     of list and replay --all: the newest so many (default 100)
  --json        list: {"items": [letter], "total"}; show: the letter with headers and valueBase64;
                replay: {"replayed": [id], "skipped": [{"id", "why"}]}

Replaying twice stores the same rows once: results are named after what they are made of. A letter stays in the list until its topic forgets it.
KAFKA_BROKERS and TOPIC_NAMESPACE say which installation; default: the running stack.
`;

class UsageError extends Error {
  override readonly name = 'UsageError';
}

const definitions = {
  topic: { type: 'string' },
  reason: { type: 'string' },
  stage: { type: 'string' },
  key: { type: 'string' },
  limit: { type: 'string', default: '100' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface Context {
  readonly kafka: Kafka;
  readonly logger: Logger;
  readonly namespace: string;
  readonly json: boolean;
}

/** Of one command; letters are at most 2 MiB. */
const MOST_LETTERS = 10_000;

const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

const list = async (
  { kafka, logger, namespace, json }: Context,
  filter: LetterFilter,
  limit: number,
): Promise<number> => {
  const { found, total } = await findLetters(kafka, logger, namespace, filter, limit, { values: false });
  const items = found.map(({ letter }) => letter).reverse();
  if (json) print({ items, total });
  else {
    const rows = items.map((one) => [one.time, one.id, one.key, one.stage, one.reason, String(one.attempt), one.cause]);
    process.stdout.write(`${formatTable(['time', 'id', 'key', 'stage', 'reason', 'attempt', 'cause'], rows)}\n`);
    if (total > items.length) process.stdout.write(`${total - items.length} older ones are not shown (--limit)\n`);
  }
  return 0;
};

const byIds = async ({ kafka, logger, namespace }: Context, ids: readonly string[]): Promise<readonly Found[]> => {
  const { found: wanted } = await findLetters(kafka, logger, namespace, { ids }, ids.length);
  const missing = ids.filter((id) => !wanted.some(({ letter }) => letter.id === id));
  if (missing.length > 0) throw new UsageError(`No such dead letter: ${missing.join(', ')} (dlq list shows them)`);
  return wanted;
};

const show = async (context: Context, ids: readonly string[]): Promise<number> => {
  if (ids.length !== 1) throw new UsageError('show wants one id');
  const [one] = await byIds(context, ids);
  if (one === undefined) return 1;
  const { headers, value } = one.record;
  const whole = { ...one.letter, headers, valueBase64: Buffer.from(value ?? []).toString('base64') };
  if (context.json) print(whole);
  else process.stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
  return 0;
};

const replay = async (context: Context, letters: readonly Found[]): Promise<number> => {
  const skipped = letters.flatMap(({ letter }) => {
    const why = notReplayable(letter);
    return why === null ? [] : [{ id: letter.id, why }];
  });
  const good = letters.filter(({ letter }) => notReplayable(letter) === null);
  const producer = await createProducer(context.kafka);
  try {
    for (const one of good) await producer.send([toReplay(one)]);
  } finally {
    await producer.close();
  }
  const replayed = good.map(({ letter }) => letter.id);
  if (context.json) print({ replayed, skipped });
  else {
    const left = skipped.map(({ id, why }) => `not replayed: ${id}: ${why}\n`).join('');
    process.stdout.write(`${replayed.length} replayed\n${left}`);
  }
  return skipped.length > 0 && replayed.length === 0 ? 1 : 0;
};

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: definitions, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

const execute = async (argv: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(argv);
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [verb, ...ids] = positionals;
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LETTERS)
    throw new UsageError(
      `--limit is ${JSON.stringify(values.limit)}; a whole number from 1 to ${MOST_LETTERS} is needed`,
    );
  const filter: LetterFilter = {
    ...(values.topic === undefined ? {} : { topic: values.topic }),
    ...(values.reason === undefined ? {} : { reason: values.reason }),
    ...(values.stage === undefined ? {} : { stage: values.stage }),
    ...(values.key === undefined ? {} : { key: values.key }),
  };
  const settings = readSettings(process.env);
  const brokers =
    settings.givenKafkaBrokers ?? readRecord(settings.stateDir)?.kafkaBrokers ?? endpointsOf(settings).kafkaBrokers;
  const logger = createLogger('dlq', 'fatal');
  const kafka = createKafka({ brokers: brokers.split(','), clientId: 'earshot-dlq', logger });
  const context = { kafka, logger, namespace: process.env['TOPIC_NAMESPACE'] ?? 'earshot', json: values.json };
  if (verb === 'list') return list(context, filter, limit);
  if (verb === 'show') return show(context, ids);
  if (verb !== 'replay') throw new UsageError(`${verb ?? 'Nothing'} is no command of dlq: list, show or replay`);
  if (values.all === ids.length > 0) throw new UsageError('replay wants ids, or --all');
  if (!values.all) return replay(context, await byIds(context, ids));
  const { found } = await findLetters(kafka, logger, context.namespace, filter, limit);
  return replay(context, found);
};

/** `earshot dlq`: answers the exit status. */
export const run = async (argv: string[]): Promise<number> => {
  try {
    return await execute(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
};
