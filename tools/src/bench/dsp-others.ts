import { FRONT_END } from '@earshot/core/dsp';
import FFT from 'fft.js';
import meydaModule from 'meyda';

// What is imported is Meyda itself; its types tell of a module that holds it.
const Meyda = meydaModule as unknown as (typeof meydaModule)['default'];
const { sampleRateHz, fftSize, hopLength, melBands } = FRONT_END;

/** meyda's melBands of every frame of 16 kHz samples; returns how many frames. Its parameters belong to the whole process. */
export const meydaMelBands = (samples: Float32Array): number => {
  Object.assign(Meyda, { sampleRate: sampleRateHz, bufferSize: fftSize, melBands, windowingFunction: 'hanning' });
  let frames = 0;
  for (let start = 0; start + fftSize <= samples.length; start += hopLength, frames++)
    Meyda.extract('melBands', samples.subarray(start, start + fftSize));
  return frames;
};

/** An FFT of real samples by fft.js, the half of the spectrum that tells all; into the same array every time. */
export const fftJsTransform = (samples: Float32Array): (() => void) => {
  const fft = new FFT(samples.length);
  const spectrum = fft.createComplexArray();
  return () => fft.realTransform(spectrum, samples);
};
