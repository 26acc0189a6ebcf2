import type { DrainReport } from './drain.js';

const ms = (value: number): string => value.toFixed(3);

export const drainTable = (report: DrainReport): string => {
  const { sensors, secondsPerSensor, runs, protocol, sound, perProcess, memoryMb, generatorMs } = report;
  const { median, min, max } = report.sensorSecondsPerCoreSecond;
  const total = Object.values(perProcess).reduce((sum, value) => sum + value, 0);
  return [
    `${sensors} sensors, ${secondsPerSensor} s of 16 kHz PCM each over ${protocol} (${sound}), ${runs} runs after one to warm up.`,
    '',
    `**${median.toFixed(0)} sensor-seconds per core-second** (${min.toFixed(0)}–${max.toFixed(0)}); ` +
      `${report.sensorSecondsPerSecond.median.toFixed(0)} by the clock, the load generator (${ms(generatorMs)} ms per sensor-second, not counted) on the same cores.`,
    '',
    '| process | CPU per sensor-second, ms | share | resident, MB |',
    '|---|---|---|---|',
    ...Object.entries(perProcess).map(
      ([name, value]) =>
        `| ${name} | ${ms(value)} | ${((100 * value) / total).toFixed(0)} % | ${memoryMb[name] ?? ''} |`,
    ),
    `| all | ${ms(total)} | | ${Object.values(memoryMb).reduce((sum, mb) => sum + mb, 0)} |`,
    '',
  ].join('\n');
};
