import { formatTable } from '../stack/table.js';
import { keyOf, type ListedModel } from './models-api.js';

const MOST_DEPTH = 3;

/** Figures of record, flat: `crossValidation.clipAccuracy.mean`. Lists and texts are left to the model card. */
export const figuresOf = (metrics: ListedModel['metrics']): ReadonlyMap<string, number> => {
  const figures = new Map<string, number>();
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'number') figures.set(path.join('.'), value);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && path.length < MOST_DEPTH)
      for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name]);
  };
  walk(metrics, []);
  return figures;
};

const shown = (figure: number | undefined): string =>
  figure === undefined ? '-' : Number.isInteger(figure) ? String(figure) : figure.toPrecision(4);

/** The figures of models side by side, as their bundles state them. */
export const figuresTable = (models: readonly ListedModel[]): string => {
  const figures = models.map(({ metrics }) => figuresOf(metrics));
  const names = [...new Set(figures.flatMap((each) => [...each.keys()]))];
  if (names.length === 0) return 'The bundles state no figures.';
  const rows = names.map((name) => [name, ...figures.map((each) => shown(each.get(name)))]);
  return formatTable(['figure of record', ...models.map(keyOf)], rows);
};
