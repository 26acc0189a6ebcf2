import { parseArgs } from 'node:util';

import { readSettings } from '../config/settings.js';
import { UserError } from '../process/wait.js';
import { startDetached, startStack } from '../stack/start.js';
import { resetStack, stopStack } from '../stack/stop.js';

const help = `Usage: npm start [-- options]            start everything, until Ctrl-C
       npm run stop                       stop it
       npm run reset                      stop it and delete its data

Options of start:
  --sensors N     simulated sensors (default 8)
  --no-simulate   none
  --detach        return when everything is ready; npm run stop ends it
`;

const maxSensors = 10_000;

/** \`earshot stack start|stop|reset\`. */
export const run = async (argv: string[]): Promise<number> => {
  const { values, positionals } = parse(argv);
  const [action] = positionals;
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const settings = readSettings(process.env);
  if (action === 'stop') {
    process.stdout.write(`${await stopStack(settings)}\n`);
    return 0;
  }
  if (action === 'reset') {
    const removed = await resetStack(settings);
    process.stdout.write(
      removed.length === 0 ? 'Nothing to remove.\n' : `Removed:\n${removed.map((one) => `  ${one}\n`).join('')}`,
    );
    return 0;
  }
  if (action !== 'start') {
    process.stderr.write(`stack: expected start, stop or reset${action === undefined ? '' : `, not ${action}`}.\n`);
    return 2;
  }
  const sensors = values['no-simulate'] === true ? 0 : sensorsOf(values.sensors ?? '8');
  if (values.detach !== true) return await startStack({ settings, sensors });
  return await startDetached(settings, sensors === 0 ? ['--no-simulate'] : ['--sensors', String(sensors)]);
};

const parse = (argv: string[]) => {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        sensors: { type: 'string' },
        'no-simulate': { type: 'boolean' },
        detach: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UserError(`stack: ${error instanceof Error ? error.message : String(error)}\n${help}`);
  }
};

const sensorsOf = (text: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= maxSensors) return count;
  throw new UserError(`--sensors ${text}: a number from 1 to ${maxSensors} is expected.`);
};
