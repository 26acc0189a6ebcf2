import { AudioError } from './audio.js';
import type { BitReader } from './bit-reader.js';

/** Subframes of FLAC (RFC 9639, section 9.2): what one channel of one frame is made of. */

const corrupt = (what: string): AudioError => new AudioError('corrupt', `FLAC: ${what}`);

/** Rice-coded residual (section 9.2.7) into output[order..]. */
const readResidual = (reader: BitReader, output: Int32Array, blockSize: number, order: number): void => {
  const method = reader.unsigned(2);
  if (method > 1) throw corrupt(`residual coding method ${method}`);
  const parameterBits = method === 0 ? 4 : 5;
  const escape = method === 0 ? 15 : 31;
  const partitionOrder = reader.unsigned(4);
  const partitionSize = blockSize >> partitionOrder;
  if (partitionSize << partitionOrder !== blockSize || partitionSize < order)
    throw corrupt(`a block of ${blockSize} samples in ${2 ** partitionOrder} partitions`);
  let at = order;
  for (let partition = 0; partition < 1 << partitionOrder; partition++) {
    const end = (partition + 1) * partitionSize;
    const parameter = reader.unsigned(parameterBits);
    if (parameter === escape) {
      const bits = reader.unsigned(5);
      for (; at < end; at++) output[at] = reader.signed(bits);
    } else {
      for (; at < end; at++) output[at] = readRice(reader, parameter);
    }
    if (reader.overrun) throw new AudioError('truncated', 'FLAC: the data ends inside a frame');
  }
};

const readRice = (reader: BitReader, parameter: number): number => {
  const word = reader.peek32();
  const zeros = Math.clz32(word);
  let folded: number;
  if (zeros + 1 + parameter <= 32) {
    const rest = parameter === 0 ? 0 : (word << (zeros + 1)) >>> (32 - parameter);
    folded = (zeros << parameter) | rest;
    reader.position += zeros + 1 + parameter;
  } else {
    folded = (reader.unary() << parameter) | reader.unsigned(parameter);
  }
  return (folded >>> 1) ^ -(folded & 1);
};

const readWarmUp = (reader: BitReader, output: Int32Array, order: number, bits: number): void => {
  for (let at = 0; at < order; at++) output[at] = reader.signed(bits);
};

/** Fixed predictors (section 9.2.5): polynomials of order 0..4. */
const restoreFixed = (x: Int32Array, blockSize: number, order: number): void => {
  const v = (at: number): number => x[at] ?? 0;
  if (order === 1) for (let i = 1; i < blockSize; i++) x[i] = v(i) + v(i - 1);
  if (order === 2) for (let i = 2; i < blockSize; i++) x[i] = v(i) + 2 * v(i - 1) - v(i - 2);
  if (order === 3) for (let i = 3; i < blockSize; i++) x[i] = v(i) + 3 * v(i - 1) - 3 * v(i - 2) + v(i - 3);
  if (order === 4)
    for (let i = 4; i < blockSize; i++) x[i] = v(i) + 4 * v(i - 1) - 6 * v(i - 2) + 4 * v(i - 3) - v(i - 4);
};

/** Linear prediction (section 9.2.6). Sums stay below 2^53, so doubles are exact where 32 bits do not do. */
const restoreLinear = (
  x: Int32Array,
  blockSize: number,
  coefficients: Int32Array,
  shift: number,
  fits32: boolean,
): void => {
  const order = coefficients.length;
  const scale = 2 ** shift;
  for (let i = order; i < blockSize; i++) {
    let sum = 0;
    if (fits32) {
      for (let j = 0; j < order; j++) sum = (sum + Math.imul(coefficients[j] ?? 0, x[i - 1 - j] ?? 0)) | 0;
      x[i] = (x[i] ?? 0) + (sum >> shift);
    } else {
      for (let j = 0; j < order; j++) sum += (coefficients[j] ?? 0) * (x[i - 1 - j] ?? 0);
      x[i] = (x[i] ?? 0) + Math.floor(sum / scale);
    }
  }
};

/** Reads one subframe into output[0..blockSize). `bits` is the channel's sample size, 4..25. */
export const readSubframe = (reader: BitReader, output: Int32Array, blockSize: number, bits: number): void => {
  if (reader.unsigned(1) !== 0) throw corrupt('a subframe does not start with 0');
  const type = reader.unsigned(6);
  const wasted = reader.unsigned(1) === 1 ? reader.unary() + 1 : 0;
  const size = bits - wasted;
  if (size < 1) throw corrupt(`${wasted} unused bits of ${bits}`);
  if (type === 0) {
    output.fill(reader.signed(size), 0, blockSize);
  } else if (type === 1) {
    for (let at = 0; at < blockSize; at++) output[at] = reader.signed(size);
  } else if (type >= 8 && type <= 12) {
    const order = type - 8;
    readWarmUp(reader, output, order, size);
    readResidual(reader, output, blockSize, order);
    restoreFixed(output, blockSize, order);
  } else if (type >= 32) {
    readLinear(reader, output, blockSize, type - 31, size);
  } else {
    throw corrupt(`subframe type ${type}`);
  }
  if (reader.overrun) throw new AudioError('truncated', 'FLAC: the data ends inside a frame');
  if (wasted > 0) for (let at = 0; at < blockSize; at++) output[at] = (output[at] ?? 0) << wasted;
};

const readLinear = (reader: BitReader, output: Int32Array, blockSize: number, order: number, size: number): void => {
  if (order > blockSize) throw corrupt(`predictor order ${order} in a block of ${blockSize} samples`);
  readWarmUp(reader, output, order, size);
  const precision = reader.unsigned(4) + 1;
  if (precision === 16) throw corrupt('predictor precision 16');
  const shift = reader.signed(5);
  if (shift < 0) throw corrupt(`predictor shift ${shift}`);
  const coefficients = new Int32Array(order);
  for (let j = 0; j < order; j++) coefficients[j] = reader.signed(precision);
  readResidual(reader, output, blockSize, order);
  restoreLinear(output, blockSize, coefficients, shift, size + precision + 32 - Math.clz32(order) <= 32);
};
