import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { figuresOfRecord, type FiguresOfRecord } from './gate.js';

const MODELS = join(import.meta.dirname, '../../../models');
export const RECORD_FILE = join(MODELS, 'figures-of-record.json');

/** The bundles whose figures are kept: those that are live by default, and the one for sensors. */
export const GATED = ['esc10-cnn', 'esc10-cnn-int8', 'esc10-crnn'] as const;

export const bundleFolder = (id: string): string => join(MODELS, 'bundles', id);

export const readRecord = async (): Promise<FiguresOfRecord> =>
  figuresOfRecord.parse(JSON.parse(await readFile(RECORD_FILE, 'utf8')));
