import { NO_LABEL, type ClipLabel, type ExportedClip, type ReviewedSound } from './types.js';

const round6 = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

/**
 * The labels of a clip: every reviewed sound of its sensor that reaches into it, cut at its ends, by onset. Of the sound
 * around them nothing is said: it was not reviewed.
 */
export const labelsOf = (clip: ExportedClip, sounds: readonly ReviewedSound[]): readonly ClipLabel[] => {
  const durationS = clip.sampleCount / clip.sampleRateHz;
  return sounds
    .filter(({ sensorId }) => sensorId === clip.sensorId)
    .map(({ onsetUs, offsetUs, label, claimed }) => ({
      startS: round6(Math.max(0, (onsetUs - clip.fromUs) / 1e6)),
      endS: round6(Math.min(durationS, (offsetUs - clip.fromUs) / 1e6)),
      label,
      claimed: label === NO_LABEL ? claimed : '',
    }))
    .filter(({ startS, endS }) => endS > startS)
    .sort((a, b) => a.startS - b.startS || a.endS - b.endS || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
};

const negative = /^none \(claimed (.*)\)$/;

/** `dog`; of a negative `none (claimed dog)`. */
export const labelText = ({ label, claimed }: Pick<ClipLabel, 'label' | 'claimed'>): string =>
  label === NO_LABEL && claimed !== '' ? `${NO_LABEL} (claimed ${claimed})` : label;

/** Undoes `labelText`. */
export const parseLabelText = (text: string): Pick<ClipLabel, 'label' | 'claimed'> => {
  const claimed = negative.exec(text)?.[1];
  return claimed === undefined ? { label: text, claimed: '' } : { label: NO_LABEL, claimed };
};

/**
 * What is wrong with a label that a person gives, or undefined. `none` and what reads as a negative in a label track are
 * kept back, so that an export can be read back.
 */
export const labelFault = (label: string): string | undefined => {
  if (label.trim() !== label || label.length < 1 || label.length > 100)
    return '1 to 100 characters, without blanks at its ends';
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(label)) return 'without control characters';
  if (label === NO_LABEL || negative.test(label)) return `not ${NO_LABEL}: for that there is the verdict wrong`;
  return undefined;
};
