import { randomInt } from 'node:crypto';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { UserError } from './wait.js';

/** True when nothing listens on the port, on any address of this machine. */
export const isPortFree = async (port: number): Promise<boolean> =>
  await new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen({ port, host: '0.0.0.0', exclusive: true }, () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });

/** @throws UserError naming who has the port and the setting that moves ours. Another's process is never ended. */
export const assertPortFree = async (port: number, what: string, setting: string): Promise<void> => {
  for (let attempt = 0; attempt < 8; attempt += 1) {
    if (await isPortFree(port)) return;
    // Its owner may just be ending.
    await sleep(150);
  }
  const owner = ownerOf(port);
  const by = owner === undefined ? 'taken' : `taken by ${owner}`;
  throw new UserError(
    `Port ${port}, needed for ${what}, is ${by}. End that, or give ours another port: ${setting}=<port>.`,
  );
};

/** Below the range from which Linux takes the ports of outgoing connections: one of those can take a port at any moment. */
const firstTestPort = 20_000;
const lastTestPort = 32_000;

/** `count` ports that were free at the time of the call, all different; chosen at random so that parallel callers differ. */
export const freePorts = async (count: number): Promise<number[]> => {
  const found = new Set<number>();
  for (let attempt = 0; attempt < 100 * count && found.size < count; attempt += 1) {
    const candidate = randomInt(firstTestPort, lastTestPort);
    if (!found.has(candidate) && (await isPortFree(candidate))) found.add(candidate);
  }
  if (found.size < count) throw new UserError(`No ${count} free ports between ${firstTestPort} and ${lastTestPort}.`);
  return [...found];
};

/** Inodes of sockets listening on `port`, from the text of `/proc/net/tcp` or `tcp6`. */
export const listeningInodes = (table: string, port: number): string[] => {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === '0A')
    .flatMap((fields) => fields[9] ?? []);
};

/** Who listens on the port, as `process 1234 (java)`; undefined where that cannot be told. */
export const ownerOf = (port: number): string | undefined => {
  try {
    const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFileSync(file, 'utf8'));
    const sockets = new Set(
      tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`),
    );
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const holds = readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(readlink(`/proc/${pid}/fd/${fd}`)));
        if (holds) return `process ${pid} (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`;
      } catch {
        // Another user's process, or one that just ended.
      }
    }
  } catch {
    // Not Linux.
  }
  return undefined;
};

const readlink = (file: string): string => {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
};
