import { labelText, parseLabelText } from './labels.js';
import type { ClipLabel } from './types.js';

/**
 * An Audacity label track (File > Import > Labels): per line start, end and text, tab separated, seconds from the start of the
 * clip with six decimals. https://manual.audacityteam.org/man/importing_and_exporting_labels.html
 */
export const formatAudacity = (labels: readonly ClipLabel[]): string =>
  labels.map((one) => `${one.startS.toFixed(6)}\t${one.endS.toFixed(6)}\t${labelText(one)}\n`).join('');

/** Undoes `formatAudacity`; lines of frequency ranges (a backslash first) are passed over. Throws Error naming the line. */
export const parseAudacity = (text: string): readonly ClipLabel[] =>
  text.split(/\r?\n/).flatMap((line, index) => {
    if (line === '' || line.startsWith('\\')) return [];
    const [start = '', end = '', ...rest] = line.split('\t');
    const [startS, endS] = [Number(start), Number(end)];
    if (start === '' || end === '' || !(endS >= startS))
      throw new Error(`line ${index + 1} is ${JSON.stringify(line)}: expected start, end and label, tab separated`);
    return [{ startS, endS, ...parseLabelText(rest.join('\t')) }];
  });
