import path from 'node:path';
import { repositoryRoot } from '../../config/settings.js';
import { UserError } from '../../process/wait.js';
import { createRandom, mixSeed } from '../random.js';
import type { ClipSource } from './clip.js';
import { createRecordingSource, findRecordings, isFolder, ofFolds, RecordingLibrary } from './recordings.js';
import { createSyntheticSource } from './synthetic.js';

export interface SoundChoice {
  /** For people: what is played. */
  readonly description: string;
  /** The sound of the sensor with this index, from 0. */
  open(index: number): Promise<ClipSource>;
}

export interface ChoiceOptions {
  /** `auto`, `synthetic` or a folder. */
  readonly source: string;
  readonly sensors: number;
  readonly seed: number;
  /** Of synthetic scenes; recordings have their own. */
  readonly sampleRateHz: number;
  readonly folds: readonly number[];
  /** Where recordings may be. */
  readonly recordingsFolder: string;
  readonly warn: (message: string) => void;
}

/** Where recordings may be: EARSHOT_RECORDINGS, or shared/data beside the project. */
export const recordingsFolder = (env: NodeJS.ProcessEnv = process.env): string => {
  const given = env['EARSHOT_RECORDINGS'];
  return given === undefined || given === '' ? path.join(repositoryRoot, '../shared/data') : given;
};

/** With this many sensors and more, the last one hears a day in the forest. */
const AMBIENCE_FROM_SENSORS = 3;

const synthetic = (options: ChoiceOptions, why: string): SoundChoice => ({
  description: `synthetic scenes${why}`,
  open: (index) => Promise.resolve(createSyntheticSource(mixSeed(options.seed, index), options.sampleRateHz)),
});

const recordings = (
  options: ChoiceOptions,
  folder: string,
  files: readonly string[],
  ambience: readonly string[],
): SoundChoice => {
  const library = new RecordingLibrary();
  const shared = { library, root: folder, warn: options.warn };
  const isAmbient = (index: number): boolean =>
    ambience.length > 0 && options.sensors >= AMBIENCE_FROM_SENSORS && index === options.sensors - 1;
  const extra = isAmbient(options.sensors - 1) ? `, and ${ambience.length} of one day for the last sensor` : '';
  return {
    description: `${files.length} recordings of ${folder}${extra}`,
    open: (index) =>
      isAmbient(index)
        ? createRecordingSource({ ...shared, files: ambience })
        : createRecordingSource({ ...shared, files, random: createRandom(mixSeed(options.seed, index)) }),
  };
};

const chosenFiles = (folder: string, folds: readonly number[]): string[] => {
  const files = ofFolds(findRecordings(folder), folds);
  if (files.length > 0) return files;
  const filter = folds.length === 0 ? '' : ` of the folds ${folds.join(', ')}`;
  throw new UserError(`${folder} has no WAV, FLAC or Ogg file${filter}.`);
};

/** Throws `UserError` when there is nothing to play. */
export const chooseSound = (options: ChoiceOptions): SoundChoice => {
  const { source, recordingsFolder, folds } = options;
  if (source === 'synthetic') return synthetic(options, '');
  if (source !== 'auto') {
    if (!isFolder(source)) throw new UserError(`--source ${source} is not a folder. Give a folder, auto or synthetic.`);
    return recordings(options, source, chosenFiles(source, folds), []);
  }
  if (!isFolder(recordingsFolder))
    return synthetic(options, ` (no recordings in ${recordingsFolder}; EARSHOT_RECORDINGS names another folder)`);
  const clips = path.join(recordingsFolder, 'esc10');
  const day = path.join(recordingsFolder, 'forest-day');
  const ambience = isFolder(day) ? findRecordings(day) : [];
  return recordings(
    options,
    recordingsFolder,
    chosenFiles(isFolder(clips) ? clips : recordingsFolder, folds),
    ambience,
  );
};
