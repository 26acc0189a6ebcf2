import { UserError } from '../process/wait.js';

type Run = (argv: string[]) => Promise<number>;

interface Command {
  about: string;
  load: () => Promise<{ run: Run }>;
}

const commands: Readonly<Record<string, Command>> = {
  status: { about: 'what runs, how far behind it is, and where to reach it', load: () => import('./status.js') },
  stack: { about: 'start, stop or reset the whole stack', load: () => import('./stack.js') },
  simulate: { about: 'simulated sensors that play recordings to the stack', load: () => import('./simulate.js') },
  analyze: { about: 'levels, classes and events of recordings, offline', load: () => import('./analyze.js') },
  reviews: { about: 'reviewed events as training data', load: () => import('./reviews.js') },
  dlq: { about: 'dead letters: list, show, put back', load: () => import('./dlq.js') },
  models: {
    about: 'models: list, install, shadow, promote, roll back, compare',
    load: () => import('./models.js'),
  },
  'evaluate-events': {
    about: 'what simulated sensors played against the events found',
    load: () => import('./evaluate-events.js'),
  },
  'evaluate-anomaly': {
    about: 'the anomaly detector judged on recordings, generated days and machines, offline',
    load: () => import('./evaluate-anomaly.js'),
  },
};

const usage = (): string => {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return [
    'Usage: npm run -s earshot -- <command> [options]',
    '',
    ...Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`),
    '',
    '`<command> --help` tells its options.',
    '',
  ].join('\n');
};

const main = async (argv: readonly string[]): Promise<number> => {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`Unknown command ${JSON.stringify(name)}. Known: ${Object.keys(commands).join(', ')}.\n`);
    return 2;
  }
  const { run } = await command.load();
  return await run(rest);
};

main(process.argv.slice(2)).then(
  (status) => {
    // Not exit(): what is still being written to a pipe would be cut.
    process.exitCode = status;
  },
  (error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('ERR_PARSE_ARGS') && error instanceof Error) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 2;
      return;
    }
    const text = error instanceof UserError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${text ?? ''}\n`);
    process.exitCode = 1;
  },
);
