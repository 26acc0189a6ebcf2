/** Words for what was said of an event. Pure. */
import type { ReviewBody, ReviewMark } from '../api/types.js';
import { formatLabel } from '../lib/format.js';
import type { Tone } from '../ui/badge.js';

export const markText = ({ verdict, label }: ReviewMark): string => {
  if (verdict === 'right') return 'Right';
  if (verdict === 'wrong') return 'Wrong';
  const name = label === null ? '' : formatLabel(label);
  return verdict === 'missed' ? `Missed: ${name}` : `Was ${name}`;
};

export const markTone = ({ verdict }: ReviewMark): Tone =>
  verdict === 'right' ? 'ok' : verdict === 'wrong' ? 'critical' : 'info';

/** What a key does on the review page; null: nothing. Keys in fields and with a modifier are the field's. */
export type ReviewAction = 'play' | 'right' | 'wrong' | 'other' | 'note' | 'skip' | 'undo';

const KEYS: Readonly<Record<string, ReviewAction>> = {
  ' ': 'play',
  r: 'right',
  w: 'wrong',
  o: 'other',
  n: 'note',
  s: 'skip',
  ArrowRight: 'skip',
  u: 'undo',
};

export const SHORTCUTS: readonly (readonly [key: string, does: string])[] = [
  ['Space', 'play, stop'],
  ['R', 'right'],
  ['W', 'wrong'],
  ['O', 'another label'],
  ['N', 'note'],
  ['S', 'skip'],
  ['U', 'take the last one back'],
];

export function actionOfKey(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly target: unknown;
}): ReviewAction | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const { tagName } = (event.target ?? {}) as { readonly tagName?: string };
  if (tagName === 'INPUT' || tagName === 'SELECT' || tagName === 'TEXTAREA') return null;
  // A button that has the focus is pressed by space itself.
  if (tagName === 'BUTTON' && event.key === ' ') return null;
  return KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? null;
}

const plain = (text: string): string => text.trim().toLowerCase().replaceAll('_', ' ');

/** Labels that hold what was typed; all of them when nothing was. */
export const matchingLabels = (text: string, labels: readonly string[]): readonly string[] =>
  labels.filter((label) => plain(label).includes(plain(text)));

/** The label that is meant by what was typed: the model's own where it reads the same (`Dog bark` is `dog_bark`), else the text. */
export const labelOfText = (text: string, labels: readonly string[]): string =>
  labels.find((label) => plain(label) === plain(text)) ?? text.trim();

/** The mark that lists will show for what is said now. */
export const markOf = (body: ReviewBody, claimed: string): ReviewMark => ({
  verdict: body.verdict,
  label: body.verdict === 'right' ? claimed : (body.label ?? null),
  reviewer: '',
});
