import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { repositoryRoot } from '../config/settings.js';
import { coloursOf, focusedHref, launchBrowser, overflowOf } from './browser.js';
import { golden, publishSeconds, secondsOfDay, startS } from './clock-change-day.js';
import { startOwnStack, type OwnStack } from '../testing/own-stack.js';

/**
 * The whole system through its public commands, ports and pages: recordings when they are there, synthesised scenes
 * otherwise (the simulator's first line says which).
 */
interface Tally {
  readonly sensors: number;
  readonly sentSeconds: number;
  readonly acknowledgedSeconds: number;
  readonly refused: number;
  readonly prefix: string;
}

let stack: OwnStack;

const until = async (what: string, condition: () => Promise<boolean>, seconds = 90): Promise<void> => {
  for (let tries = 0; tries < seconds * 2; tries += 1) {
    if (await condition().catch(() => false)) return;
    await sleep(500);
  }
  throw new Error(`Waited in vain for ${what}`);
};

const simulate = async (prefix: string, ...args: readonly string[]): Promise<Tally> => {
  const result = await stack.cli('simulate', '--prefix', prefix, '--json', ...args);
  process.stdout.write(`${result.stderr.split('\n')[0] ?? ''}\n`);
  if (result.status !== 0) throw new Error(`simulate ended with ${result.status}:\n${result.stderr}`);
  return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as Tally;
};

const rows = (table: string, prefix: string): Promise<number> =>
  stack.scalar(`SELECT count() FROM earshot.${table} WHERE startsWith(sensor_id, '${prefix}-')`);

beforeAll(async () => {
  stack = await startOwnStack({ ANOMALY_DETECTION__WARMUP_S: '30', ALERTING__WEBHOOK_ALLOW_PRIVATE: 'true' });
}, 300_000);

afterAll(async () => {
  await stack.stop();
}, 60_000);

describe('counting', () => {
  it.each(['mqtt', 'http', 'grpc'])('every second acknowledged over %s is one row, once', async (protocol) => {
    const prefix = `count-${protocol}`;
    const tally = await simulate(prefix, '--sensors', '4', '--duration-s', '15', '--protocol', protocol);
    expect(tally).toEqual({ sensors: 4, sentSeconds: 60, acknowledgedSeconds: 60, refused: 0, prefix });
    await until('60 rows', async () => (await rows('levels_1s', prefix)) >= 60);
    await sleep(3_000);
    expect(await rows('levels_1s', prefix)).toBe(60);
    expect(
      await stack.scalar(
        `SELECT uniqExact(sensor_id, time) FROM earshot.levels_1s WHERE startsWith(sensor_id, '${prefix}-')`,
      ),
    ).toBe(60);
  });

  it('holds when every service is killed with -9 in turn while sensors play', async () => {
    const prefix = 'kill';
    const before = (await stack.refresh()).services;
    const playing = simulate(prefix, '--sensors', '6', '--duration-s', '75');
    const end = { reached: false };
    void playing.finally(() => {
      end.reached = true;
    });
    await until('the first rows', async () => (await rows('levels_1s', prefix)) > 0);
    for (const { name } of before) {
      const { pid } = (await stack.refresh()).services.find((service) => service.name === name) ?? { pid: null };
      if (pid !== null) process.kill(pid, 'SIGKILL');
      await sleep(4_000);
    }
    const tally = await playing;
    expect(end.reached).toBe(true);
    expect(tally).toMatchObject({ acknowledgedSeconds: 450, refused: 0 });
    await until('everything to be ready again', async () => (await stack.refresh()).ready);
    await until('450 rows', async () => (await rows('levels_1s', prefix)) >= 450);
    await sleep(5_000);
    expect(await rows('levels_1s', prefix)).toBe(450);
    const after = (await stack.refresh()).services;
    for (const { name, restarts } of before) {
      expect(after.find((service) => service.name === name)?.restarts).toBeGreaterThan(restarts);
    }
    // Stages downstream step over what is made again: windows and events are there once each.
    expect(
      await stack.scalar(
        `SELECT count() - uniqExact(sensor_id, time, model_id) FROM earshot.classifications WHERE startsWith(sensor_id, '${prefix}-')`,
      ),
    ).toBe(0);
    expect(
      await stack.scalar(
        `SELECT count() - uniqExact(id) FROM earshot.events WHERE startsWith(sensor_id, '${prefix}-')`,
      ),
    ).toBe(0);
  });
});

describe('a day on which the clock changes', () => {
  const id = 'clock-change';
  const rowsOfDay = () => stack.scalar(`SELECT count() FROM earshot.levels_1s FINAL WHERE sensor_id = '${id}'`);

  it('has the Lden of numpy in the api, after gaps, late calibrations and late data', async () => {
    const { kafkaBrokers } = stack.status;
    const made = await stack.api('POST', '/v1/sensors', { id, timeZone: 'Europe/Berlin' });
    expect(made.status).toBe(201);
    const onTime = secondsOfDay(false);
    await publishSeconds(kafkaBrokers, onTime);
    await until('the rows of the day', async () => (await rowsOfDay()) === onTime.length);
    // Wrong first, then put right, both from before the day began.
    for (const [fullScaleDb, beforeS] of [
      [111, 86_400],
      [120, 3_600],
    ] as const) {
      const effectiveFrom = new Date((startS - beforeS) * 1000).toISOString();
      const added = await stack.api('POST', `/v1/sensors/${id}/calibrations`, { fullScaleDb, effectiveFrom });
      expect(added).toMatchObject({ status: 201, body: { fullScaleDb, driftDb: fullScaleDb === 120 ? 9 : null } });
    }
    await publishSeconds(kafkaBrokers, secondsOfDay(true));

    const day = { value: {} as Record<string, unknown> };
    // Days are recomputed once a minute.
    const { seconds = NaN } = golden;
    await until(
      'the whole day',
      async () => {
        const { status, body } = await stack.api('GET', `/v1/sensors/${id}/days?from=2026-10-24&to=2026-10-25`);
        expect(status).toBe(200);
        const [item] = (body as { items: Record<string, unknown>[] }).items;
        day.value = item ?? {};
        return item?.['coveredMs'] === 1000 * seconds && item['fullScaleDb'] === 120;
      },
      240,
    );
    expect(day.value).toMatchObject({ date: '2026-10-24', timeZone: 'Europe/Berlin', windowMs: 25 * 3_600_000 });
    for (const [key, column] of [
      ['ldenDb', 'lden_db'],
      ['ldayDb', 'lday_db'],
      ['leveningDb', 'levening_db'],
      ['lnightDb', 'lnight_db'],
      ['laeqDb', 'laeq_db'],
    ] as const) {
      expect([key, Math.abs(Number(day.value[key]) - (golden[column] ?? NaN)) < 0.05]).toEqual([key, true]);
    }
    const { body } = await stack.api('GET', `/v1/sensors/${id}/calibrations`);
    expect((body as { items: unknown[] }).items).toHaveLength(2);
  }, 300_000);
});

describe('alerting', () => {
  const deliveries: { readonly key: string; readonly body: unknown }[] = [];
  let server: Server;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        deliveries.push({ key: String(request.headers['idempotency-key']), body: JSON.parse(text) as unknown });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => {
    server.close();
  });

  it('raises once, tells the webhook once, resolves when the sensor falls silent or quiet', async () => {
    const prefix = 'loud';
    const { port } = server.address() as AddressInfo;
    const created = await stack.api('POST', '/v1/rules', {
      name: 'Anything at all',
      severity: 'warning',
      sensorIds: [`${prefix}-001`],
      condition: { kind: 'level', quantity: 'laeq', aboveDb: -150, forS: 3, resolveAfterS: 3 },
      webhookUrl: `http://127.0.0.1:${port}/hook`,
    });
    expect(created).toMatchObject({ status: 201 });
    // Rules take effect a few seconds after they are made.
    await sleep(8_000);
    await simulate(prefix, '--sensors', '1', '--duration-s', '15', '--source', 'synthetic');
    await until('the webhook', () => Promise.resolve(deliveries.length > 0));
    await until('the alert in the api', async () => {
      const { body } = await stack.api('GET', `/v1/alerts?sensorId=${prefix}-001`);
      return (body as { items: unknown[] }).items.length > 0;
    });
    expect(new Set(deliveries.map(({ key }) => key)).size).toBe(deliveries.length);
    expect(deliveries[0]?.body).toMatchObject({ transition: 'raised', alert: { sensorId: `${prefix}-001` } });
  });
});

describe('console', () => {
  let browser: Browser;
  const problems: string[] = [];
  const screens = path.join(repositoryRoot, '.earshot', 'screens');

  beforeAll(async () => {
    mkdirSync(screens, { recursive: true });
    browser = await launchBrowser();
  }, 300_000);

  afterAll(() => browser.close());

  const open = async (width: number, height: number, colorScheme: 'light' | 'dark'): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, timezoneId: 'Europe/Paris' });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    return page;
  };

  it('asks for a key, refuses a wrong one, and shows live sensors with the right one', async () => {
    const playing = simulate('page', '--sensors', '3', '--duration-s', '60');
    const page = await open(1440, 900, 'light');
    await page.goto(stack.status.apiUrl);
    await page.getByTestId('sign-in').waitFor();
    await page.goto(stack.status.consoleUrl);
    const card = page.locator('[data-testid=sensor-card][data-sensor-id=page-001]');
    await card.waitFor({ timeout: 30_000 });
    const level = card.getByTestId('sensor-level');
    await until('a level', async () => /−?\d+\.\d/.test(await level.innerText()), 30);
    const first = await level.innerText();
    await until('the level to change', async () => (await level.innerText()) !== first, 30);
    expect(new URL(page.url()).hash).toBe('');
    await page.screenshot({ path: path.join(screens, 'overview-light.png') });

    await card.getByRole('link').first().click();
    await page.getByTestId('spectrogram').waitFor();
    await until('the spectrogram', async () => (await coloursOf(page, 'canvas[data-testid=spectrogram]')) > 16, 30);
    await page.getByTestId('level-chart').waitFor();
    await page.getByTestId('class-timeline').waitFor();
    await page.screenshot({ path: path.join(screens, 'sensor-light.png'), fullPage: true });

    const phone = await open(390, 844, 'dark');
    await phone.goto(stack.status.consoleUrl);
    await phone.locator('[data-testid=sensor-card]').first().waitFor();
    for (const target of ['/', '/sensors/page-001', '/events', '/alerts', '/models']) {
      await phone.goto(`${stack.status.apiUrl}${target}`);
      await phone.waitForTimeout(1_500);
      const overflow = await overflowOf(phone);
      expect({ target, overflow }).toEqual({ target, overflow: 0 });
    }
    await phone.screenshot({ path: path.join(screens, 'alerts-dark-phone.png') });
    await playing;
    expect(problems).toEqual([]);
  });

  it('can be walked by keyboard', async () => {
    const page = await open(1280, 800, 'light');
    await page.goto(stack.status.consoleUrl);
    const card = page.locator('[data-testid=sensor-card]').first();
    await card.waitFor();
    const id = await card.getAttribute('data-sensor-id');
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      const href = await focusedHref(page);
      if (href.endsWith(`/sensors/${id}`)) break;
    }
    await page.keyboard.press('Enter');
    await page.getByTestId('level-chart').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/sensors/${id}`);
  });
});
