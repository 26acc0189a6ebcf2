import type { InstalledModel } from '@earshot/core/classification';
import type { ModelBundle } from './bundle.js';
import { createClassifier } from './classifier.js';
import { createSequence } from './sequence.js';

/** The bundle's network as what it is for. */
export const createModel = (bundle: ModelBundle): InstalledModel =>
  bundle.task === 'audio-classification' ? createClassifier(bundle) : createSequence(bundle);
