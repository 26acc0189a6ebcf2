import type { InstalledSequence } from '@earshot/core/classification';
import { specOf, type SequenceBundle } from './bundle.js';

/** The bundle's network as a sequence model. */
export const createSequence = (bundle: SequenceBundle): InstalledSequence => ({
  spec: specOf(bundle),
  sequence: {
    predict: async (blocks) => {
      const rows = await bundle.network.run(blocks.map(({ codes, state }) => ({ codes, inputs: [state] })));
      return rows.map(([probabilities = none, state = none]) => ({ probabilities, state }));
    },
  },
});

const none = new Float32Array(0);
