import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';

import { exportFormats } from '@earshot/core/reviews';
import { readTar } from '@earshot/platform/archive';
import { z } from 'zod';

import { readSettings } from '../config/settings.js';
import { UserError } from '../process/wait.js';
import { findEndpoints } from '../simulator/endpoints.js';
import { formatTable } from '../stack/table.js';

const usage = `Usage: earshot reviews export --format audacity|raven|csv --out DIR [options]

Reviewed events as training data: clips (WAV) with what people said of them.

  --format F    audacity: a label track (.txt) beside each clip
                raven:    a selection table (.selections.txt) beside each clip
                csv:      reviews.csv with all fields, clips in clips/
  --out DIR     made when it is missing; files of the same name are replaced
  --from T      RFC 3339; onset of what was reviewed (default: 30 days before --to)
  --to T        RFC 3339 (default: now)
  --sensor ID   of this sensor only
  --label L     only reviews whose label, or whose event, is L
  --api-url U   (EARSHOT_API_URL; default: the running stack)
  --api-key K   (EARSHOT_API_KEY; default: the running stack's)
  --json        ends with one line {"format","dir","files","reviews","clips","labels","withoutClip"}

Wrong events are there as negatives: label none, with what was claimed. Exit status 0 also when nothing was reviewed.
`;

class UsageError extends Error {
  override readonly name = 'UsageError';
}

const definitions = {
  format: { type: 'string' },
  out: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  sensor: { type: 'string' },
  label: { type: 'string' },
  'api-url': { type: 'string' },
  'api-key': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** A clip of a minute at the highest rate, and some. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

const manifest = z.object({
  schema: z.literal('earshot.review-export/1'),
  format: z.enum(exportFormats),
  reviews: z.int(),
  clips: z.int(),
  labels: z.record(z.string(), z.int()),
  withoutClip: z.array(z.string()),
});

const refusal = z.object({ error: z.object({ message: z.string() }) });

const messageOf = async (response: Response): Promise<string> => {
  const body = refusal.safeParse(await response.json().catch(() => null));
  return body.success ? body.data.error.message : `the api answered ${response.status}`;
};

const fetched = async (url: string, apiKey: string): Promise<Response> => {
  try {
    return await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } });
  } catch (error) {
    throw new UserError(`The api at ${new URL(url).origin} does not answer: is the stack running?`, { cause: error });
  }
};

/** Writes an archive below the folder; answers its files and what the last of them says. */
const unpack = async (
  body: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<{ readonly files: number; readonly summary: z.infer<typeof manifest> }> => {
  let files = 0;
  let last: { readonly path: string; readonly bytes: Uint8Array } | undefined;
  for await (const file of readTar(body, MAX_FILE_BYTES)) {
    const target = path.join(folder, ...file.path.split('/'));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.bytes);
    files += 1;
    last = file;
  }
  if (last?.path !== 'export.json') throw new UserError('The export has no export.json at its end: it was cut.');
  return { files, summary: manifest.parse(JSON.parse(Buffer.from(last.bytes).toString('utf8'))) };
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
  if (positionals.length !== 1 || positionals[0] !== 'export')
    throw new UsageError(`${positionals[0] ?? 'Nothing'} is no command of reviews: export`);
  const { format, out, from, to, sensor, label } = values;
  if (!exportFormats.some((one) => one === format))
    throw new UsageError(`--format is ${JSON.stringify(format ?? null)}: one of ${exportFormats.join(', ')}`);
  if (out === undefined) throw new UsageError('--out is missing: the folder for the export');
  const { apiUrl, apiKey } = findEndpoints(
    {
      apiUrl: values['api-url'] ?? process.env['EARSHOT_API_URL'],
      apiKey: values['api-key'] ?? process.env['EARSHOT_API_KEY'],
    },
    readSettings(process.env).stateDir,
  );
  const query = Object.entries({ format, from, to, sensorId: sensor, label }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const response = await fetched(`${apiUrl}/v1/reviews/export?${new URLSearchParams(query).toString()}`, apiKey);
  if (!response.ok || response.body === null) throw new UserError(`Export refused: ${await messageOf(response)}`);
  const dir = path.resolve(out);
  await mkdir(dir, { recursive: true });
  const { files, summary } = await unpack(Readable.fromWeb(response.body), dir);
  const { reviews, clips, labels, withoutClip } = summary;
  if (values.json) {
    const told = { format, dir, files, reviews, clips, labels, withoutClip: withoutClip.length };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    return 0;
  }
  const rows = Object.entries(labels).map(([name, count]) => [name, String(count)]);
  process.stdout.write(`${reviews} reviews, ${clips} with their clip, in ${dir}\n`);
  if (rows.length > 0) process.stdout.write(`${formatTable(['label', 'reviews'], rows)}\n`);
  if (withoutClip.length > 0)
    process.stdout.write(`${withoutClip.length} without a clip: the sound was not kept (export.json names them)\n`);
  return 0;
};

/** `earshot reviews`: answers the exit status. */
export const run = async (argv: string[]): Promise<number> => {
  try {
    return await execute(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
};
