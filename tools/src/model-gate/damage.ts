import { createRandom, shuffled } from '../simulator/random.js';

/** Protocol buffer fields on the way to a tensor's bytes: ModelProto.graph, GraphProto.initializer, TensorProto.raw_data. */
const [GRAPH, INITIALIZER, RAW_DATA] = [7, 5, 9];
const LENGTH_DELIMITED = 2;

interface Field {
  readonly number: number;
  readonly wire: number;
  readonly from: number;
  readonly to: number;
}

/** A varint at `at`: its value and the place behind it. */
const varint = (bytes: Uint8Array, at: number): readonly [number, number] => {
  let [value, scale, next] = [0, 1, at];
  for (;;) {
    const byte = bytes[next] ?? 0;
    next += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, next];
    scale *= 128;
  }
};

const SIZES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

const fieldsOf = (bytes: Uint8Array, from: number, to: number): readonly Field[] => {
  const fields: Field[] = [];
  for (let at = from; at < to;) {
    const [key, behind] = varint(bytes, at);
    const wire = key & 7;
    const [number, start] = [Math.floor(key / 8), behind];
    const [length, body] =
      wire === LENGTH_DELIMITED
        ? varint(bytes, start)
        : ([wire === 0 ? varint(bytes, start)[1] - start : (SIZES[wire] ?? NaN), start] as const);
    if (!Number.isFinite(length)) throw new Error(`wire type ${wire} at ${at}`);
    fields.push({ number, wire, from: body, to: body + length });
    at = body + length;
  }
  return fields;
};

/**
 * A copy of an ONNX file whose weights are there but in another order: every tensor of at least `leastBytes` has its 4-byte
 * words shuffled. It opens and runs like the original, and has learned nothing.
 */
export const withPermutedWeights = (model: Uint8Array, seed: number, leastBytes = 512): Uint8Array => {
  const damaged = Uint8Array.from(model);
  const random = createRandom(seed);
  const inside = ({ from, to }: Field, number: number): readonly Field[] =>
    fieldsOf(model, from, to).filter((field) => field.number === number && field.wire === LENGTH_DELIMITED);
  const tensors = inside({ number: 0, wire: LENGTH_DELIMITED, from: 0, to: model.length }, GRAPH)
    .flatMap((graph) => inside(graph, INITIALIZER))
    .flatMap((tensor) => inside(tensor, RAW_DATA))
    .filter(({ from, to }) => to - from >= leastBytes);
  if (tensors.length === 0) throw new Error('no tensor with weights in the model');
  for (const { from, to } of tensors) {
    const words = Array.from({ length: (to - from) >> 2 }, (_, i) => model.slice(from + 4 * i, from + 4 * i + 4));
    shuffled(words, random).forEach((word, i) => damaged.set(word, from + 4 * i));
  }
  return damaged;
};
