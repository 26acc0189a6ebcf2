import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createClient } from '@clickhouse/client';
import { z } from 'zod';
import { callersPath } from '../analyze/options.js';
import { readSettings } from '../config/settings.js';
import { judge, type LabelledSpan, type Verdict } from '../evaluate-events/judge.js';
import { UserError } from '../process/wait.js';
import { runningStack } from '../stack/record.js';

const usage = `Usage: earshot evaluate-events --truth FILE [--tenant ID] [--model ID] [--json]

Compares what simulated sensors played (simulate --truth FILE) with the events that were found: the share of the clips
with an event of their label that overlaps them.

  --truth FILE   JSON lines {sensorId,file,label,onsetUs,offsetUs}
  --tenant ID    default: demo
  --model ID     only events of this model
  --json         one JSON document
`;

const truthLine = z.object({
  sensorId: z.string().min(1),
  label: z.string(),
  onsetUs: z.number(),
  offsetUs: z.number(),
});

/** `earshot evaluate-events`: answers the exit status. */
export const run = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      truth: { type: 'string' },
      tenant: { type: 'string', default: 'demo' },
      model: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.truth === undefined) {
    process[values.help ? 'stdout' : 'stderr'].write(usage);
    return values.help ? 0 : 2;
  }
  const truth = await readTruth(values.truth);
  const verdict = judge(truth, await readEvents(truth, values.tenant, values.model));
  process.stdout.write(values.json ? `${JSON.stringify(verdict)}\n` : tableOf(verdict));
  return 0;
};

const readTruth = async (file: string): Promise<readonly LabelledSpan[]> => {
  const lines = (await readFile(callersPath(file), 'utf8')).split('\n');
  const spans = lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [truthLine.parse(JSON.parse(line))];
    } catch (error) {
      throw new UserError(`${file}: line ${index + 1} is not {sensorId,file,label,onsetUs,offsetUs}: ${String(error)}`);
    }
  });
  // Sound without a label is played too; nothing is expected of it.
  const clips = spans.filter(({ label }) => label !== '');
  if (clips.length === 0) throw new UserError(`${file}: no clip with a label`);
  return clips;
};

const eventRow = z.object({
  sensor_id: z.string(),
  label: z.string(),
  onset_us: z.coerce.number(),
  offset_us: z.coerce.number(),
});

/** Events of the sensors and the time of the truth, from the running stack's ClickHouse or CLICKHOUSE_URL. */
const readEvents = async (
  truth: readonly LabelledSpan[],
  tenant: string,
  model: string,
): Promise<readonly LabelledSpan[]> => {
  const settings = readSettings(process.env);
  const { ports, stateDir, givenClickHouseUrl } = settings;
  const client = createClient({
    url: givenClickHouseUrl ?? runningStack(stateDir)?.clickhouseUrl ?? `http://127.0.0.1:${ports.clickhouse}`,
    database: process.env['CLICKHOUSE_DATABASE'] ?? 'earshot',
    username: process.env['CLICKHOUSE_USER'] ?? 'default',
    password: process.env['CLICKHOUSE_PASSWORD'] ?? '',
  });
  try {
    const answer = await client.query({
      query: `
        SELECT sensor_id, label, toUnixTimestamp64Micro(onset) AS onset_us, toUnixTimestamp64Micro("offset") AS offset_us
        FROM events
        WHERE tenant_id = {tenant:String} AND has({sensors:Array(String)}, sensor_id)
          AND toUnixTimestamp64Micro(onset) < {until:Int64} AND toUnixTimestamp64Micro("offset") > {since:Int64}
          AND ({model:String} = '' OR model_id = {model:String})`,
      query_params: {
        tenant,
        model,
        sensors: [...new Set(truth.map(({ sensorId }) => sensorId))],
        since: truth.reduce((first, { onsetUs }) => Math.min(first, onsetUs), Infinity),
        until: truth.reduce((last, { offsetUs }) => Math.max(last, offsetUs), -Infinity),
      },
      format: 'JSONEachRow',
    });
    return z
      .array(eventRow)
      .parse(await answer.json())
      .map((row) => ({
        sensorId: row.sensor_id,
        label: row.label,
        onsetUs: row.onset_us,
        offsetUs: row.offset_us,
      }));
  } finally {
    await client.close();
  }
};

const tableOf = ({ clips, hit, hitShare, events, wrong, wrongPerMinute, byLabel }: Verdict): string => {
  const width = Math.max(...byLabel.map(({ label }) => label.length));
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`.padStart(8);
  return [
    ...byLabel.map(
      (each) => `${each.label.padEnd(width)} ${percent(each.hit / each.clips)}  ${each.hit}/${each.clips}`,
    ),
    `${'all clips'.padEnd(width)} ${percent(hitShare)}  ${hit}/${clips}`,
    `${events} events, ${wrong} of them without a clip of their label (${wrongPerMinute.toFixed(1)} per minute)`,
    '',
  ].join('\n');
};
