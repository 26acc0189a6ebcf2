// jest globalSetup of the integration project: one broker and one engine for all suites, in a state folder of their own.
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

export default async () => {
  const { startEmbeddedStack } = await import(
    pathToFileURL(path.join(root, 'tools/dist/testing/embedded-stack.js')).href
  );
  const stateDir = mkdtempSync(path.join(root, '.earshot', 'test-'));
  const stack = await startEmbeddedStack({ stateDir });
  process.env.KAFKA_BROKERS = stack.kafkaBrokers;
  process.env.CLICKHOUSE_URL = stack.clickhouseUrl;
  globalThis.__earshotStack = { stack, stateDir };
};
