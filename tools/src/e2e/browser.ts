import { spawnSync } from 'node:child_process';
import { chromium as driver, type Browser, type Page } from 'playwright-core';
import { chromium, ensurePrerequisites } from '../stack/prerequisites.js';

/** Debian's Chromium, installed when it is missing and that is possible. */
export const launchBrowser = async (): Promise<Browser> => {
  await ensurePrerequisites([chromium], (message) => void process.stdout.write(`${message}\n`));
  const found = ['chromium', 'chromium-browser', 'google-chrome']
    .map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim())
    .find((candidate) => candidate !== '');
  if (found === undefined) throw new Error('Chromium is not on the PATH');
  return driver.launch({
    executablePath: found,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ],
  });
};

/** What runs in the page is given as text: this project is compiled without the DOM's types. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate<number>('Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)');

export const focusedHref = (page: Page): Promise<string> =>
  page.evaluate<string>('(document.activeElement && document.activeElement.getAttribute("href")) || ""');

/** How many colours are on a canvas, looking at every 37th pixel. */
export const coloursOf = (page: Page, selector: string): Promise<number> =>
  page.evaluate<number>(`(() => {
    const canvas = document.querySelector(${JSON.stringify(selector)});
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Set();
    for (let at = 0; at < data.length; at += 4 * 37) colours.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
    return colours.size;
  })()`);
