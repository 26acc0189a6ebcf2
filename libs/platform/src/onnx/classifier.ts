import type { InstalledClassifier } from '@earshot/core/classification';
import { specOf, type ClassifierBundle } from './bundle.js';

/** The bundle's network as a classifier. */
export const createClassifier = (bundle: ClassifierBundle): InstalledClassifier => ({
  spec: specOf(bundle),
  classifier: {
    predict: async (windows) => {
      const rows = await bundle.network.run(windows.map((codes) => ({ codes, inputs: [] })));
      return rows.map(([probabilities = none, embedding = none]) => ({ probabilities, embedding }));
    },
  },
});

const none = new Float32Array(0);
