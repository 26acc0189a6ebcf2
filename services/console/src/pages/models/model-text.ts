/** Models in words. Pure. */
import type { Model, ModelRef, ModelRole, ModelRoles } from '../../api/types.js';
import type { Tone } from '../../ui/badge.js';

export const TASKS = [
  { task: 'audio-classification', name: 'Classes', about: 'Windows of about 2 s: the class timeline.' },
  { task: 'audio-event-detection', name: 'Events', about: 'Steps of 0.1 s: what events are made of.' },
] as const;

export const ROLE_TEXT: Readonly<Record<ModelRole, string>> = {
  live: 'Live',
  shadow: 'In shadow',
  installed: 'Installed',
  retired: 'Retired',
};

export const ROLE_TONE: Readonly<Record<ModelRole, Tone>> = {
  live: 'ok',
  shadow: 'info',
  installed: 'neutral',
  retired: 'neutral',
};

const ORDER: readonly ModelRole[] = ['live', 'shadow', 'installed', 'retired'];

export const refText = ({ id, version }: ModelRef): string => `${id} ${version}`;

/** Of one task: the live one first, retired ones last, newer versions before older ones. */
export const modelsOfTask = (models: readonly Model[], task: string): readonly Model[] =>
  models
    .filter((model) => model.task === task)
    .sort(
      (a, b) =>
        ORDER.indexOf(a.role) - ORDER.indexOf(b.role) ||
        a.id.localeCompare(b.id) ||
        b.version.localeCompare(a.version, undefined, { numeric: true }),
    );

const MOST_DEPTH = 3;

/** Figures of record, flat; lists and texts are left to the model card. */
export function figuresOf(metrics: Model['metrics']): readonly (readonly [string, number])[] {
  const figures: [string, number][] = [];
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'number') figures.push([path.join(' · '), value]);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && path.length < MOST_DEPTH)
      for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name]);
  };
  walk(metrics, []);
  return figures;
}

export const figureText = (figure: number): string =>
  Number.isInteger(figure) ? figure.toLocaleString('en') : figure.toPrecision(4);

/** What changed with a picture, against the one before it. */
export function changesOf(picture: ModelRoles, before: ModelRoles | undefined): readonly string[] {
  return picture.tasks.flatMap(({ task, live, shadow }) => {
    const old = before?.tasks.find((one) => one.task === task);
    const name = TASKS.find((one) => one.task === task)?.name ?? task;
    const same = (a: ModelRef | null | undefined, b: ModelRef | null): boolean =>
      (a === null || a === undefined ? '' : refText(a)) === (b === null ? '' : refText(b));
    const shadowBefore = (old?.shadow ?? []).map(refText);
    const shadowNow = shadow.map(refText);
    return [
      ...(same(old?.live, live) ? [] : [`${name}: ${live === null ? 'no model' : refText(live)} live`]),
      ...shadowNow.filter((ref) => !shadowBefore.includes(ref)).map((ref) => `${name}: ${ref} into shadow`),
      ...shadowBefore
        .filter((ref) => !shadowNow.includes(ref) && (live === null || ref !== refText(live)))
        .map((ref) => `${name}: ${ref} out of shadow`),
    ];
  });
}
