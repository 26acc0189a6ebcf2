import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RawOptions } from '@earshot/platform/audio';

/** The command line is wrong: shown with the usage, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface AnalyzeOptions {
  /** As given on the command line. */
  readonly files: readonly string[];
  readonly json: boolean;
  /** Headerless PCM; absent: the format is recognised. */
  readonly raw?: Omit<RawOptions, 'channel'>;
  /** From 0. */
  readonly channel: number;
  /** dB SPL of full-scale RMS; absent: levels re full-scale RMS. */
  readonly fullScaleDb?: number;
  /** Nominal level of the calibrator whose tone is in the recording, dB SPL: levels are made with it. */
  readonly calibratorDb?: number;
  /** Directories of model bundles, each in the place of the one for its task that comes with Earshot. */
  readonly models: readonly string[];
}

const RAW_FORMATS = ['s16le', 's24le', 's32le', 'f32le'] as const;

export const usage = `Usage: earshot analyze FILE... [options]

Levels, classes and sound events of recordings (WAV, FLAC, Ogg Vorbis, Ogg Opus, raw PCM), up to 2^28
samples over all channels (1.7 h at 44.1 kHz mono) and 2 h each.

  --json               one JSON document per line and file, else a short table
  --raw FORMAT         headerless PCM: ${RAW_FORMATS.join(', ')}; wants --rate
  --rate HZ            sample rate of raw PCM
  --channels N         interleaved channels of raw PCM (default 1)
  --channel K          the channel to analyse, from 0 (default 0)
  --full-scale-db X    dB SPL of full-scale RMS; without it levels are dB re full-scale RMS
  --calibrator L       94 or 114: the recording has a calibrator's 1 kHz tone of L dB SPL; levels are made with it when found
  --model DIR          model bundle in the place of the one for its task: models/bundles/esc10-cnn tells classes and
                       windows, models/bundles/esc10-crnn events; may be given for both
  --help

Exit status: 0, 1 when a file could not be analysed, 2 when the options are wrong.
`;

/** null: help was asked for. Throws UsageError. */
export const parseOptions = (argv: readonly string[]): AnalyzeOptions | null => {
  const { values, positionals } = parse(argv);
  if (values.help === true) return null;
  if (positionals.length === 0) throw new UsageError('No file given');
  const raw = rawOptions(values);
  const channels = raw?.channels ?? Infinity;
  const channel = integer('--channel', values.channel ?? '0', 0, Math.min(channels - 1, 255));
  if (values.calibrator !== undefined && values['full-scale-db'] !== undefined)
    throw new UsageError('--calibrator finds what --full-scale-db gives: one of them');
  return {
    files: positionals,
    json: values.json ?? false,
    channel,
    ...(raw === undefined ? {} : { raw }),
    ...(values['full-scale-db'] === undefined ? {} : { fullScaleDb: fullScaleDb(values['full-scale-db']) }),
    ...(values.calibrator === undefined ? {} : { calibratorDb: calibratorDb(values.calibrator) }),
    models: values.model ?? [],
  };
};

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: joinNegative(argv),
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        raw: { type: 'string' },
        rate: { type: 'string' },
        channels: { type: 'string' },
        channel: { type: 'string' },
        'full-scale-db': { type: 'string' },
        calibrator: { type: 'string' },
        model: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};

/** `--full-scale-db -3` as `--full-scale-db=-3`: else the number would count as an option. */
const joinNegative = (argv: readonly string[]): string[] =>
  argv.flatMap((each, index) => {
    if (/^-[\d.]/.test(each) && argv[index - 1] === '--full-scale-db') return [];
    const next = argv[index + 1] ?? '';
    return [each === '--full-scale-db' && /^-[\d.]/.test(next) ? `${each}=${next}` : each];
  });

const rawOptions = (values: ReturnType<typeof parse>['values']): Omit<RawOptions, 'channel'> | undefined => {
  if (values.raw === undefined) {
    for (const name of ['rate', 'channels'] as const)
      if (values[name] !== undefined)
        throw new UsageError(`--${name} goes with --raw only: other files say it themselves`);
    return undefined;
  }
  const format = RAW_FORMATS.find((each) => each === values.raw);
  if (format === undefined) throw new UsageError(`--raw ${values.raw}: expected ${RAW_FORMATS.join(', ')}`);
  if (values.rate === undefined) throw new UsageError('--raw wants --rate HZ');
  return {
    format,
    sampleRateHz: integer('--rate', values.rate, 1, 1_000_000),
    channels: integer('--channels', values.channels ?? '1', 1, 64),
  };
};

const integer = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new UsageError(`${name} ${text}: expected a whole number from ${min} to ${max}`);
  return value;
};

const fullScaleDb = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || Math.abs(value) > 300)
    throw new UsageError(`--full-scale-db ${text}: expected dB between -300 and 300`);
  return value;
};

const calibratorDb = (text: string): number => {
  if (text !== '94' && text !== '114') throw new UsageError(`--calibrator ${text}: expected 94 or 114`);
  return Number(text);
};

/** Where relative paths count from: npm runs scripts in the package's folder, but knows where it was called. */
export const callersPath = (path: string, env: NodeJS.ProcessEnv = process.env): string => {
  const from = env['npm_lifecycle_event'] === 'earshot' ? env['INIT_CWD'] : undefined;
  return isAbsolute(path) || from === undefined ? path : join(from, path);
};
