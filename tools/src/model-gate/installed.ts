import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { figuresOfRecord, type FiguresOfRecord } from './gate.js';

const MODELS = join(import.meta.dirname, '../../../models');
export const RECORD_FILE = join(MODELS, 'figures-of-record.json');

export const bundleFolder = (id: string): string => join(MODELS, 'bundles', id);

/** Of every gated bundle; `npm run model-gate -- --record BUNDLE` adds one. */
export const readRecord = async (): Promise<FiguresOfRecord> =>
  figuresOfRecord.parse(JSON.parse(await readFile(RECORD_FILE, 'utf8')));
