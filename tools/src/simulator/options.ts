import { parseArgs } from 'node:util';
import { SYNTHETIC_RATE_HZ } from './sound/synthetic.js';

export const protocols = ['mqtt', 'http', 'grpc'] as const;
export type Protocol = (typeof protocols)[number];

export interface SimulateOptions {
  readonly sensors: number;
  /** `auto`, `synthetic` or a folder of recordings. */
  readonly source: string;
  /** Speed: 1 = real time. */
  readonly rate: number;
  readonly protocol: Protocol;
  /** Seconds of sound per sensor; undefined: until stopped. */
  readonly durationS?: number;
  readonly prefix: string;
  readonly seed: number;
  readonly sampleRateHz: number;
  /** Boot ids are `<boot>-<number of the sensor>`; undefined: new ones. */
  readonly boot?: string;
  /** Event time of the first sample, ms since the Unix epoch; undefined: now. */
  readonly startMs?: number;
  /** Share of frames that are sent once more after they were acknowledged, later and out of order. */
  readonly resend: number;
  /** Only files whose name starts with one of these numbers and a dash (folds of ESC-10); empty: all. */
  readonly folds: readonly number[];
  /** Digital silence between clips, seconds. */
  readonly gapS: number;
  /** File for what was played, as JSON lines. */
  readonly truth?: string;
  readonly json: boolean;
  readonly tenant: string;
  readonly apiUrl?: string;
  readonly apiKey?: string;
  readonly mqttUrl?: string;
  readonly grpcUrl?: string;
}

/** The command line is wrong: shown with the usage, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `Usage: earshot simulate --sensors N [options]

Simulated sensors that register themselves and send 1 s frames, each repeated until it is acknowledged.

  --sensors N          how many (default 4); ids are <prefix>-001 and up
  --source WHAT        auto (default): the recordings of EARSHOT_RECORDINGS or ../shared/data if they are there, else synthetic
                       synthetic: seeded scenes of noise, hum, tones, chirps and impulses
                       DIR: every WAV, FLAC and Ogg file in it and below, in a seeded order of its own per sensor
  --rate X             speed, 1 = real time (default); event time starts at the start, so above 1 it runs ahead of the clock
  --protocol P         ${protocols.join(', ')} (default mqtt)
  --duration-s N       seconds of sound per sensor, then wait for the acknowledgements (default: until stopped)
  --prefix P           first part of the sensor ids (default sim)
  --sample-rate-hz N   of synthetic scenes (default ${SYNTHETIC_RATE_HZ})
  --seed N             of orders and scenes (default 1)
  --boot ID            first part of the boot ids (default: a new one); with --start and --seed a run can be repeated exactly
  --start MS           event time of the first sample, ms since the Unix epoch (default: now); what is past is sent at once
  --resend X           share of frames sent again a few frames later, as sensors do that missed an answer (default 0)
  --folds 1,2          only files named <fold>-… of these folds (ESC-10)
  --gap-s X            digital silence between two clips (default 0)
  --truth FILE         what was played: one JSON line {sensorId,file,label,onsetUs,offsetUs} per clip, in event time
  --json               the last line is {"sensors","sentSeconds","acknowledgedSeconds","refused","prefix"}
  --tenant T           tenant of the API key (default EARSHOT_TENANT or demo)
  --api-url URL        default EARSHOT_API_URL or the running stack's; --api-key KEY: EARSHOT_API_KEY or the stack's
  --mqtt-url URL, --grpc-url HOST:PORT   default: the running stack's
  --help

Keys of sensors it made are kept in .earshot/simulator/keys.json. Ctrl-C ends it after the acknowledgements that are due.
`;

const definitions = {
  sensors: { type: 'string' },
  source: { type: 'string' },
  rate: { type: 'string' },
  protocol: { type: 'string' },
  'duration-s': { type: 'string' },
  prefix: { type: 'string' },
  seed: { type: 'string' },
  'sample-rate-hz': { type: 'string' },
  folds: { type: 'string' },
  boot: { type: 'string' },
  start: { type: 'string' },
  resend: { type: 'string' },
  'gap-s': { type: 'string' },
  truth: { type: 'string' },
  json: { type: 'boolean' },
  tenant: { type: 'string' },
  'api-url': { type: 'string' },
  'api-key': { type: 'string' },
  'mqtt-url': { type: 'string' },
  'grpc-url': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const numberOf = (name: string, text: string, min: number, max: number, integer: boolean): number => {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= min && value <= max) || (integer && !Number.isInteger(value)))
    throw new UsageError(
      `${name} is ${JSON.stringify(text)}; ${integer ? 'a whole number' : 'a number'} from ${min} to ${max} is needed`,
    );
  return value;
};

const protocolOf = (text: string): Protocol => {
  const protocol = protocols.find((name) => name === text);
  if (protocol === undefined)
    throw new UsageError(`--protocol is ${JSON.stringify(text)}; one of ${protocols.join(', ')} is needed`);
  return protocol;
};

const idOf = (name: string, text: string): string => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/.test(text))
    throw new UsageError(
      `${name} is ${JSON.stringify(text)}; 1 to 48 of A-Z a-z 0-9 . _ - are allowed, the first a letter or digit`,
    );
  return text;
};

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: definitions }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

/** null: help was asked for. Throws `UsageError`. */
export const parseOptions = (argv: readonly string[], env: NodeJS.ProcessEnv): SimulateOptions | null => {
  const values = parse(argv);
  if (values.help === true) return null;
  const optional = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
    value === undefined || value === '' ? {} : ({ [key]: value } as Partial<Record<K, string>>);
  const duration = values['duration-s'];
  return {
    sensors: numberOf('--sensors', values.sensors ?? '4', 1, 999, true),
    source: values.source ?? 'auto',
    rate: numberOf('--rate', values.rate ?? '1', 0.01, 1000, false),
    protocol: protocolOf(values.protocol ?? 'mqtt'),
    prefix: idOf('--prefix', values.prefix ?? 'sim'),
    sampleRateHz: numberOf(
      '--sample-rate-hz',
      values['sample-rate-hz'] ?? String(SYNTHETIC_RATE_HZ),
      8000,
      192_000,
      true,
    ),
    seed: numberOf('--seed', values.seed ?? '1', 0, 2 ** 32 - 1, true),
    folds: (values.folds ?? '')
      .split(',')
      .filter((text) => text !== '')
      .map((text) => numberOf('--folds', text, 0, 999, true)),
    gapS: numberOf('--gap-s', values['gap-s'] ?? '0', 0, 3600, false),
    resend: numberOf('--resend', values.resend ?? '0', 0, 1, false),
    ...(values.boot === undefined ? {} : { boot: idOf('--boot', values.boot) }),
    ...(values.start === undefined ? {} : { startMs: numberOf('--start', values.start, 0, 8.64e15, true) }),
    json: values.json ?? false,
    tenant: values.tenant ?? env['EARSHOT_TENANT'] ?? 'demo',
    ...(duration === undefined ? {} : { durationS: numberOf('--duration-s', duration, 1, 10_000_000, true) }),
    ...optional('truth', values.truth),
    ...optional('apiUrl', values['api-url'] ?? env['EARSHOT_API_URL']),
    ...optional('apiKey', values['api-key'] ?? env['EARSHOT_API_KEY']),
    ...optional('mqttUrl', values['mqtt-url'] ?? env['EARSHOT_MQTT_URL']),
    ...optional('grpcUrl', values['grpc-url'] ?? env['EARSHOT_GRPC_URL']),
  };
};
