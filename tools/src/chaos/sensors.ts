import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult, OwnStack } from '../testing/own-stack.js';

/** Of the stack's own API key. */
export const TENANT = process.env['EARSHOT_TENANT'] ?? 'demo';

/** A sensor of a stack, and its key. */
export interface MadeSensor {
  readonly sensorId: string;
  readonly key: string;
}

export const makeSensor = async (stack: OwnStack, sensorId: string): Promise<MadeSensor> => {
  const { status, body } = await stack.api('POST', '/v1/sensors', { id: sensorId, name: sensorId });
  if (status !== 201) throw new Error(`Sensor ${sensorId} was not made: ${status} ${JSON.stringify(body)}`);
  return { sensorId, key: (body as { sensorKey: string }).sensorKey };
};

/** What `simulate --json` ends with. */
export interface Tally {
  readonly sentSeconds: number;
  readonly acknowledgedSeconds: number;
  readonly refused: number;
}

export const tallyOf = ({ stdout, stderr }: CommandResult): Tally => {
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`The sensors failed:\n${stderr}`);
  return JSON.parse(last) as Tally;
};

export interface DrainOptions {
  /** Asked once a second; as long as it answers something new, nothing is over. */
  readonly stored?: () => Promise<string>;
  readonly settleMs: number;
  readonly atMostS: number;
  /** Told whenever something has changed, at most once a second: nothing has since when it is over. */
  readonly onChange?: () => void;
}

/** Until every stage has read its topics to the end and nothing has changed for `settleMs`. */
export const drained = async (
  stack: OwnStack,
  { stored, settleMs, atMostS, onChange }: DrainOptions,
): Promise<void> => {
  let before = '';
  let calmSince = performance.now();
  const end = performance.now() + atMostS * 1000;
  while (performance.now() < end) {
    const { ready, services } = await stack.refresh();
    const now = (await stored?.()) ?? '';
    const isCalm = ready && now === before && services.every(({ lagRecords }) => (lagRecords ?? 0) === 0);
    if (!isCalm) {
      calmSince = performance.now();
      onChange?.();
    }
    before = now;
    if (performance.now() - calmSince > settleMs) return;
    await sleep(1_000);
  }
  throw new Error(`Not drained after ${atMostS} s: ${JSON.stringify((await stack.refresh()).services)}`);
};
