import path from 'node:path';
import { parseArgs } from 'node:util';
import { tasks } from '@earshot/core/classification';
import { createKafka } from '@earshot/platform/kafka';
import { createLogger } from '@earshot/platform/telemetry';
import { callersPath } from '../analyze/options.js';
import { readSettings, type Settings } from '../config/settings.js';
import { comparisonText, compareModels } from '../models/compare.js';
import { figuresTable } from '../models/figures.js';
import { installBundle } from '../models/install.js';
import { keyOf, ModelsApi, type ListedModel, type ListedRoles } from '../models/models-api.js';
import { readApiKey } from '../stack/api-key.js';
import { readRecord } from '../stack/record.js';
import { endpointsOf } from '../stack/services.js';
import { formatTable } from '../stack/table.js';

const usage = `Usage: earshot models list | install DIR | shadow MODEL | promote MODEL | rollback | compare A B   [options]

Which models are installed, which is live for its task, which score in shadow beside it. MODEL is an id, or id@version where
several versions are installed. Changes take effect a few seconds later, in event time: nothing is lost and nothing scored twice.

  list                          installed models with their roles
  install DIR                   check a bundle and put it into the models folder (--into DIR; default models/bundles)
  shadow MODEL [--off]          score everything beside the live model; out of it again
  promote MODEL                 make it live, with the figures of record of both printed; --keep-in-shadow: the one before goes on in shadow
  rollback [--task TASK]        back to the model that was live before (${tasks.join(', ')})
  compare A B                   what would have changed with B in the place of A: events, alerts, rates per class, agreement, from the log;
                                both must have scored the time, live or in shadow. --from T --to T: RFC 3339, or 2h, 30m, 7d ago (default: 1h ago to now)

  --note TEXT    kept with the change
  --json         list: {"models", "roles"}; install: {"model", "directory"}; changes: the picture they made; compare: the whole comparison

KAFKA_BROKERS, TOPIC_NAMESPACE (compare) and EARSHOT_API_URL, EARSHOT_API_KEY (the others) say which installation; default: the running stack.
`;

class UsageError extends Error {
  override readonly name = 'UsageError';
}

const definitions = {
  json: { type: 'boolean', default: false },
  off: { type: 'boolean', default: false },
  'keep-in-shadow': { type: 'boolean', default: false },
  note: { type: 'string', default: '' },
  task: { type: 'string' },
  from: { type: 'string', default: '1h' },
  to: { type: 'string', default: '0s' },
  into: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: definitions, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};
type Values = ReturnType<typeof parse>['values'];

const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

const apiOf = (settings: Settings): ModelsApi => {
  const apiUrl = process.env['EARSHOT_API_URL'] ?? readRecord(settings.stateDir)?.apiUrl;
  const apiKey = process.env['EARSHOT_API_KEY'] ?? readApiKey(settings.stateDir);
  return new ModelsApi(apiUrl ?? `http://localhost:${settings.ports.api}`, apiKey ?? '');
};

const idAndVersion = (text: string | undefined, verb: string): { readonly id: string; readonly version?: string } => {
  if (text === undefined || text === '') throw new UsageError(`${verb} wants a model`);
  const at = text.lastIndexOf('@');
  return at < 0 ? { id: text } : { id: text.slice(0, at), version: text.slice(at + 1) };
};

/** RFC 3339, or so long ago: 90s, 30m, 2h, 7d. Microseconds since the Unix epoch. */
const timeOf = (name: string, text: string, nowMs: number): number => {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit];
  const timeMs = seconds === undefined ? Date.parse(text) : nowMs - Number(count) * seconds * 1000;
  if (Number.isNaN(timeMs)) throw new UsageError(`--${name} ${text}: expected RFC 3339, or 90s, 30m, 2h, 7d`);
  return timeMs * 1000;
};

const list = async (api: ModelsApi, { json }: Values): Promise<number> => {
  const [models, ledger] = [await api.models(), await api.ledger()];
  if (json) print({ models, roles: ledger });
  else {
    const rows = models.map((one) => [keyOf(one), one.task, one.role, one.effectiveFrom, String(one.labels.length)]);
    process.stdout.write(`${formatTable(['model', 'task', 'role', 'since', 'labels'], rows)}\n`);
  }
  return 0;
};

const changeText = ({ action, effectiveFrom, tasks: all }: ListedRoles): string => {
  const named = (refs: readonly { id: string; version: string }[]) => refs.map(keyOf).join(', ') || 'none';
  return [
    `${action}, for sound from ${effectiveFrom ?? 'the beginning'} on:`,
    ...all.map(
      ({ task, live, shadow }) => `  ${task}: live ${live === null ? 'none' : keyOf(live)}, in shadow ${named(shadow)}`,
    ),
    '',
  ].join('\n');
};

const tell = (json: boolean, roles: ListedRoles): number => {
  if (json) print(roles);
  else process.stdout.write(changeText(roles));
  return 0;
};

const promote = async (api: ModelsApi, text: string | undefined, values: Values): Promise<number> => {
  const { id, version } = idAndVersion(text, 'promote');
  const models = await api.models();
  const isMeant = (one: ListedModel) => one.id === id && (version === undefined || one.version === version);
  const candidate = models.find((one) => isMeant(one) && one.role !== 'retired');
  const live = models.find((one) => one.role === 'live' && one.task === candidate?.task);
  if (!values.json && candidate !== undefined)
    process.stdout.write(
      `${figuresTable(live === undefined || live === candidate ? [candidate] : [live, candidate])}\n\n`,
    );
  const asked = { keepInShadow: values['keep-in-shadow'], note: values.note };
  return tell(values.json, await api.promote(id, version === undefined ? asked : { ...asked, version }));
};

const shadow = async (api: ModelsApi, text: string | undefined, { off, note, json }: Values): Promise<number> => {
  const { id, version } = idAndVersion(text, 'shadow');
  return tell(
    json,
    off ? await api.unshadow(id, version) : await api.shadow(id, version === undefined ? { note } : { version, note }),
  );
};

const rollback = async (api: ModelsApi, { task, note, json }: Values): Promise<number> =>
  tell(json, await api.rollback(task === undefined ? { note } : { task, note }));

const compare = async (settings: Settings, names: readonly string[], { from, to, json }: Values): Promise<number> => {
  const [a, b, ...rest] = names;
  if (a === undefined || b === undefined || rest.length > 0) throw new UsageError('compare wants two models');
  const nowMs = Date.now();
  const range = { fromUs: timeOf('from', from, nowMs), toUs: timeOf('to', to, nowMs) };
  if (range.fromUs >= range.toUs) throw new UsageError('--from is not before --to');
  const brokers =
    settings.givenKafkaBrokers ?? readRecord(settings.stateDir)?.kafkaBrokers ?? endpointsOf(settings).kafkaBrokers;
  const logger = createLogger('models', 'fatal');
  const kafka = createKafka({ brokers: brokers.split(','), clientId: 'earshot-models', logger });
  const log = { kafka, logger, namespace: process.env['TOPIC_NAMESPACE'] ?? 'earshot' };
  const found = await compareModels(log, a, b, range);
  if (json) print(found);
  else process.stdout.write(comparisonText(found));
  return 0;
};

const install = async (settings: Settings, directory: string | undefined, { into, json }: Values): Promise<number> => {
  if (directory === undefined) throw new UsageError('install wants the directory of a bundle');
  const folder = into === undefined ? path.join(settings.root, 'models/bundles') : callersPath(into);
  const installed = await installBundle(callersPath(directory), folder);
  if (json) print(installed);
  else process.stdout.write(`${installed.model} is in ${installed.directory}\n`);
  return 0;
};

const execute = async (argv: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(argv);
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const settings = readSettings(process.env);
  const [verb, ...names] = positionals;
  switch (verb) {
    case 'list':
      return list(apiOf(settings), values);
    case 'install':
      return install(settings, names[0], values);
    case 'shadow':
      return shadow(apiOf(settings), names[0], values);
    case 'promote':
      return promote(apiOf(settings), names[0], values);
    case 'rollback':
      return rollback(apiOf(settings), values);
    case 'compare':
      return compare(settings, names, values);
    default:
      throw new UsageError(`${verb ?? 'Nothing'} is no command of models`);
  }
};

/** `earshot models`: answers the exit status. */
export const run = async (argv: string[]): Promise<number> => {
  try {
    return await execute(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
};
