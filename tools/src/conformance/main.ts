import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bandMask, bandNoise, type Check, decay, linearity, passes, peakC, tonebursts, weighting } from './checks.js';
import { generated, recorded } from './compare-oracle.js';
import { noise } from './signals.js';
import { pageOf, type Report, worstOf } from './page.js';

const RATES_HZ = [16_000, 22_050, 32_000, 44_100, 48_000, 96_000];
/** Of noise for the bands. */
const NOISE_S = 60;
const CLAIM =
  'Class 1 filters: weightings within the limits of IEC 61672-1 class 1 and bands within those of IEC 61260-1 class 1. ' +
  'This is about the digital part only; a microphone and its preamplifier are not part of it.';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: '.earshot/conformance' },
    recordings: { type: 'string', default: process.env['EARSHOT_RECORDINGS'] ?? '../shared/data' },
    'per-class': { type: 'string', default: '4' },
  },
});

const recordings = await recorded(values.recordings, Number(values['per-class']));
const checks: readonly Check[] = [
  ...RATES_HZ.flatMap((rateHz) => [weighting('A', rateHz), weighting('C', rateHz)]),
  ...(['A', 'C', 'Z'] as const).map(tonebursts),
  decay(),
  peakC(),
  linearity(16),
  linearity(24),
  ...RATES_HZ.flatMap((rateHz) => [bandMask(rateHz, 3), bandMask(rateHz, 1)]),
  ...RATES_HZ.flatMap((rateHz) => [
    bandNoise(noise(NOISE_S * rateHz, false), rateHz, 'white noise'),
    bandNoise(noise(NOISE_S * rateHz, true), rateHz, 'pink noise'),
  ]),
  ...RATES_HZ.map(generated),
  ...(recordings === null ? [] : [recordings]),
];
const report: Report = {
  claim: CLAIM,
  pass: checks.every(({ figures }) => figures.every(passes)),
  absent: recordings === null ? [`No recordings in ${values.recordings}: not compared (EARSHOT_RECORDINGS).`] : [],
  checks,
};
await mkdir(values.out, { recursive: true });
await writeFile(join(values.out, 'conformance.json'), `${JSON.stringify(report, null, 1)}\n`);
await writeFile(join(values.out, 'index.html'), pageOf(report));
for (const check of checks) {
  const worst = worstOf(check);
  const failed = check.figures.filter((each) => !passes(each)).map(({ label }) => label);
  const verdict = failed.length === 0 ? 'pass' : `FAIL (${failed.join(', ')})`;
  process.stdout.write(
    `${check.title}: ${verdict}, worst ${worst?.deviationDb.toFixed(3) ?? ''} dB at ${worst?.label ?? ''}\n`,
  );
}
process.stdout.write(
  `${report.absent.join('\n')}${report.pass ? 'pass' : 'FAIL'}: ${join(values.out, 'index.html')}\n`,
);
process.exitCode = report.pass ? 0 : 1;
