import { statfsSync } from 'node:fs';
import type { Settings } from '../config/settings.js';

const MB = 1024 * 1024;
/** Below it the broker and ClickHouse cannot be expected to store anything more. */
export const FULL_BELOW_MB = 64;

/** What is free for this user where `directory` lies, MB; null where the system does not tell. */
export const freeMbOf = (directory: string): number | null => {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return Math.floor((bavail * bsize) / MB);
  } catch {
    return null;
  }
};

/** What to tell a user when the embedded broker or engine has no room left; undefined when it has, or both are elsewhere. */
export const fullDisk = ({ stateDir, givenKafkaBrokers, givenClickHouseUrl }: Settings): string | undefined => {
  if (givenKafkaBrokers !== undefined && givenClickHouseUrl !== undefined) return undefined;
  const free = freeMbOf(stateDir);
  return free === null || free >= FULL_BELOW_MB
    ? undefined
    : `The disk of ${stateDir} is full (${free} MB free): nothing more is taken or stored until there is room.`;
};
