import type { DrainReport } from './drain.js';
import type { LiveReport } from './live.js';

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

const shown = (seconds: number | null): string => (seconds === null ? 'none' : `${seconds.toFixed(2)} s`);

export const liveTable = (report: LiveReport): string => {
  const { sensors, minutes, sound, perProcess, memoryMb, problems } = report;
  const lags = report.lags.map(({ stage, seconds }) => `${seconds.toFixed(1)} (${stage})`).join(', ');
  return [
    `${sensors} sensors in real time (${sound}) for ${minutes} min: **${problems.length === 0 ? 'held' : `not held: ${problems.join('; ')}`}**`,
    '',
    `- from the last sample to the stored level: ${shown(report.levelsP50S)} (p50), ${shown(report.levelsP99S)} (p99); to the stored alert ${shown(report.alertsP99S)} (p99, ${report.alerts} alerts)`,
    `- longest lag of a stage, minute by minute: ${lags} s; frames were sent at most ${report.sentLateS.toFixed(2)} s late`,
    `- ${report.cores.toFixed(2)} cores, and ${report.generatorCores.toFixed(2)} of the load generator beside them`,
    '',
    '| process | CPU per sensor-second, ms | resident, MB |',
    '|---|---|---|',
    ...Object.entries(perProcess).map(([name, value]) => `| ${name} | ${ms(value)} | ${memoryMb[name] ?? ''} |`),
    '',
  ].join('\n');
};
