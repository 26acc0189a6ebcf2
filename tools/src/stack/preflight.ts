import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

import { portTable } from '../config/settings.js';
import type { PortKey, Settings } from '../config/settings.js';
import { installedJars } from '../kafka/jars.js';
import { assertPortFree, isPortFree, ownerOf } from '../process/ports.js';
import { UserError } from '../process/wait.js';
import { assertDiskSpace, ensurePrerequisites, java, maven } from './prerequisites.js';
import type { ServiceSpec } from './services.js';

/**
 * Everything that can be known to fail before anything is started: the build, the disk, the ports, Java and Maven.
 *
 * @throws UserError that says what to do.
 */
export const preflight = async (
  settings: Settings,
  services: readonly ServiceSpec[],
  progress: (message: string) => void,
): Promise<void> => {
  const missing = services.filter(({ entry }) => !existsSync(path.join(settings.root, entry)));
  if (missing.length > 0) {
    throw new UserError(`Not built: ${missing.map(({ entry }) => entry).join(', ')}. Run \`npm run build\`.`);
  }
  mkdirSync(settings.stateDir, { recursive: true });
  assertDiskSpace(settings.stateDir);
  await assertPortsFree(settings, services);
  if (settings.givenKafkaBrokers !== undefined) return;
  await ensurePrerequisites(installedJars(settings.root) === undefined ? [java, maven] : [java], progress);
};

const assertPortsFree = async (settings: Settings, services: readonly ServiceSpec[]): Promise<void> => {
  const keys = new Set<PortKey>(services.flatMap(({ ports }) => ports));
  if (settings.givenKafkaBrokers === undefined) keys.add('kafka').add('kafkaController');
  if (settings.givenClickHouseUrl === undefined) keys.add('clickhouse');
  for (const row of portTable) {
    if (keys.has(row.key)) await assertPortFree(settings.ports[row.key], row.what, row.setting);
  }
  for (const [index, { name }] of services.entries()) {
    const port = settings.ports.healthBase + index;
    if (await isPortFree(port)) continue;
    const owner = ownerOf(port);
    const by = owner === undefined ? '' : ` by ${owner}`;
    throw new UserError(
      `Port ${port}, needed for the health of ${name}, is taken${by}. Move all health ports: EARSHOT_HEALTH_PORT_BASE=<port>.`,
    );
  }
};
