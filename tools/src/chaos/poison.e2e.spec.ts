import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { services } from '../stack/services.js';
import { startOwnStack, type OwnStack } from '../testing/own-stack.js';
import { checkLetters, createPoisoner, openPoison, type PoisonTally } from './corrupt.js';
import { poisons } from './poison.js';

let stack: OwnStack;
beforeAll(async () => {
  stack = await startOwnStack({ EARSHOT_CANARY: 'true' });
}, 240_000);
afterAll(() => stack.stop(), 120_000);

describe('bad input of every kind', () => {
  it('is answered with what is wrong, kept with its reason, and stops nobody', async () => {
    const poison = await openPoison(stack);
    const tally: PoisonTally = { sent: new Map(), wrong: [] };
    const next = createPoisoner(poison.context, poison.sensors, tally);
    for (let sent = 0; sent < 2 * poisons.length; sent++) await next();
    // Behind all of it in every partition: good sound is still heard.
    const good = await stack.cli(
      ...['simulate', '--sensors', '12', '--prefix', 'after', '--source', 'synthetic', '--duration-s', '4', '--json'],
    );
    expect(good.status).toBe(0);
    const stored = "SELECT count() FROM earshot.levels_1s WHERE startsWith(sensor_id, 'after-')";
    for (let tries = 0; (await stack.scalar(stored)) < 48 && tries < 120; tries++) await sleep(500);
    expect(await stack.scalar(stored)).toBe(48);

    let letters = { expected: -1, right: 0 };
    for (let tries = 0; letters.right !== letters.expected && tries < 20; tries++) {
      await sleep(1_000);
      const once: PoisonTally = { sent: tally.sent, wrong: [...tally.wrong] };
      letters = await checkLetters(poison.brokers, poison.namespace, once, poisons);
      if (letters.right === letters.expected || tries === 19) expect(once.wrong).toEqual([]);
    }
    await poison.close();
    expect(letters.right).toBe(letters.expected);
    const { services } = await stack.refresh();
    expect(services.filter(({ restarts }) => restarts > 0)).toEqual([]);
  }, 240_000);

  it('does not make a known tone wrong', async () => {
    const port = Number(stack.env['EARSHOT_HEALTH_PORT_BASE']) + services.length;
    const seconds = async (result: string): Promise<number> => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const found = new RegExp(`^earshot_canary_seconds_total\\{.*result="${result}".*\\} (\\d+)`, 'm').exec(text);
      return Number(found?.[1] ?? 0);
    };
    for (let tries = 0; (await seconds('right')) < 10 && tries < 60; tries++) await sleep(1_000);
    expect(await seconds('right')).toBeGreaterThanOrEqual(10);
    expect([await seconds('wrong'), await seconds('missing')]).toEqual([0, 0]);
    const off = `SELECT max(abs(laeq_db + 20)) FROM earshot.levels_1s WHERE sensor_id = 'canary' AND second_index > 0`;
    expect(await stack.scalar(off)).toBeLessThan(0.1);
  }, 120_000);
});
