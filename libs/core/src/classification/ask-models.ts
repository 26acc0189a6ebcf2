import type { InstalledModel, ModelKey } from './models.js';

/** Codes that a model is to be shown, and the state that it carries. */
export interface Query {
  readonly model: ModelKey;
  readonly codes: Uint8Array;
  /** null: to a classifier. */
  readonly carried: Float32Array | null;
}

/** Probabilities as the model gives them; `carried` goes into the next block's query. */
export interface Answer {
  readonly probabilities: Float32Array;
  readonly carried: Float32Array | null;
}

/** Asks every model about all that is for it. */
export const askModels = async (
  models: { model(key: ModelKey): InstalledModel | undefined },
  queries: readonly Query[],
): Promise<readonly Answer[]> => {
  const answers = new Map<Query, Answer>();
  await Promise.all(
    [...new Set(queries.map(({ model }) => model))].map(async (key) => {
      const mine = queries.filter(({ model }) => model === key);
      const found = await askOne(models.model(key), key, mine);
      mine.forEach((query, index) => {
        const answer = found[index];
        if (answer === undefined)
          throw new Error(`Model ${key} gave ${found.length} answers to ${mine.length} queries`);
        answers.set(query, answer);
      });
    }),
  );
  return queries.map((query) => {
    const answer = answers.get(query);
    if (answer === undefined) throw new Error(`No answer of model ${query.model}`);
    return answer;
  });
};

const askOne = async (
  model: InstalledModel | undefined,
  key: ModelKey,
  queries: readonly Query[],
): Promise<readonly Answer[]> => {
  if (model === undefined) throw new Error(`Model ${key} is not installed`);
  if ('classifier' in model) {
    const sounding = queries.filter(({ codes }) => codes.some((code) => code !== 0));
    const predictions = sounding.length === 0 ? [] : await model.classifier.predict(sounding.map(({ codes }) => codes));
    const silence = new Float32Array(model.spec.labels.length);
    return queries.map((query) => {
      const at = sounding.indexOf(query);
      return { probabilities: at < 0 ? silence : (predictions[at]?.probabilities ?? silence), carried: null };
    });
  }
  const blocks = queries.map(({ codes, carried }) => ({
    codes,
    state: carried ?? new Float32Array(model.spec.stateSize),
  }));
  const predictions = await model.sequence.predict(blocks);
  return predictions.map(({ probabilities, state }) => ({ probabilities, carried: state }));
};
