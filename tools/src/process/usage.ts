import { readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second for every program, whatever the kernel's own clock. */
const TICKS_PER_S = 100;

/** CPU time of a process so far, user and system, all its threads, s; 0 when it has ended. Linux. */
export const cpuSecondsOf = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
  } catch {
    return 0;
  }
};

/** Resident memory of a process, MB; 0 when it has ended. Linux. */
export const residentMbOf = (pid: number): number => {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
};
