import { parseArgs } from 'node:util';

import { z } from 'zod';

import { readSettings } from '../config/settings.js';
import type { Settings } from '../config/settings.js';
import { freeMbOf, fullDisk } from '../process/disk.js';
import { isRunning } from '../process/identity.js';
import { httpGet } from '../process/wait.js';
import { readApiKey } from '../stack/api-key.js';
import { runningStack } from '../stack/record.js';
import type { ProcessRecord, StackRecord } from '../stack/record.js';
import { formatTable } from '../stack/table.js';

interface Lag {
  lagRecords: number | null;
  lagSeconds: number | null;
}

const lagSchema = z.object({ lagRecords: z.number().nullable(), lagSeconds: z.number().nullable() });
const noLag: Lag = { lagRecords: null, lagSeconds: null };

const lagOf = async ({ healthUrl }: ProcessRecord): Promise<Lag> => {
  if (healthUrl === null) return noLag;
  const answer = await httpGet(`${healthUrl}/health/status`, 1500);
  if (answer?.status !== 200) return noLag;
  try {
    return lagSchema.parse(JSON.parse(answer.text));
  } catch {
    return noLag;
  }
};

/** A recorded pid that no longer runs is not shown: the supervisor will see its end in an instant. */
const pidOf = ({ identity }: ProcessRecord): number | null =>
  identity !== null && isRunning(identity) ? identity.pid : null;

const jsonOf = async (settings: Settings, record: StackRecord | undefined): Promise<object> => {
  const { ports, stateDir } = settings;
  const apiKey = readApiKey(stateDir) ?? '';
  const apiUrl = record?.apiUrl ?? `http://localhost:${ports.api}`;
  const services = (record?.processes ?? []).filter(({ kind }) => kind === 'service');
  return {
    // A record can't be written on a full disk: it may still say ready.
    ready: (record?.ready ?? false) && fullDisk(settings) === undefined,
    consoleUrl: `${apiUrl}/#key=${apiKey}`,
    apiUrl,
    apiKey,
    clickhouseUrl: record?.clickhouseUrl ?? settings.givenClickHouseUrl ?? `http://127.0.0.1:${ports.clickhouse}`,
    kafkaBrokers: record?.kafkaBrokers ?? settings.givenKafkaBrokers ?? `127.0.0.1:${ports.kafka}`,
    mqttUrl: record?.mqttUrl ?? `mqtt://localhost:${ports.mqtt}`,
    grpcUrl: record?.grpcUrl ?? `localhost:${ports.grpc}`,
    diskFreeMb: freeMbOf(stateDir),
    services: await Promise.all(
      services.map(async (service) => ({
        name: service.name,
        state: service.state,
        pid: pidOf(service),
        restarts: service.restarts,
        ...(await lagOf(service)),
      })),
    ),
  };
};

const textOf = async (settings: Settings, record: StackRecord): Promise<string> => {
  const rows = await Promise.all(
    record.processes.map(async (one) => {
      const { lagRecords, lagSeconds } = await lagOf(one);
      const pid = pidOf(one);
      return [one.name, one.state, pid ?? '-', one.restarts, lagRecords ?? '-', lagSeconds ?? '-'].map(String);
    }),
  );
  const full = fullDisk(settings);
  return [
    ...(full === undefined ? [] : [full]),
    `${record.ready && full === undefined ? 'Ready' : 'Not ready'}; process ${record.supervisor.pid}, since ${record.startedAt}`,
    formatTable(['name', 'state', 'pid', 'restarts', 'lag records', 'lag s'], rows),
    `  Console  ${record.apiUrl}/#key=${readApiKey(settings.stateDir) ?? ''}`,
  ].join('\n');
};

const help = `Usage: npm run status
       npm run -s earshot -- status [--json]

Exit status 0 when a stack runs, 1 when none does.
`;

export const run = async (argv: string[]): Promise<number> => {
  const { values } = parseArgs({
    args: argv,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const settings = readSettings(process.env);
  const record = runningStack(settings.stateDir);
  if (values.json === true) process.stdout.write(`${JSON.stringify(await jsonOf(settings, record))}\n`);
  else
    process.stdout.write(
      record === undefined ? 'Nothing runs. Start it with `npm start`.\n' : `${await textOf(settings, record)}\n`,
    );
  return record === undefined ? 1 : 0;
};
