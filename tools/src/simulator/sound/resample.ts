import { createResampler } from '@earshot/core/dsp';

/** A whole signal at another rate. */
export const resample = (samples: Float32Array, fromHz: number, toHz: number): Float32Array => {
  const resampler = createResampler(fromHz, toHz);
  const state = resampler.rest();
  const body = resampler.push(state, samples, 0, samples.length).slice();
  const tail = resampler.finish(state, samples.length);
  const all = new Float32Array(body.length + tail.length);
  all.set(body);
  all.set(tail, body.length);
  return all;
};
