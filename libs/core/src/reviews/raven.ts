import { NO_LABEL, type ClipLabel, type ExportedClip } from './types.js';

/** Raven Pro's own columns, then ours: Raven shows them as annotations. */
const columns = [
  'Selection',
  'View',
  'Channel',
  'Begin Time (s)',
  'End Time (s)',
  'Low Freq (Hz)',
  'High Freq (Hz)',
  'Begin File',
  'Label',
  'Claimed',
] as const;

/**
 * A selection table of Raven Pro (File > Open Selection Table): tab separated, a row per selection, the whole band from 0 Hz to
 * half the sample rate; times in seconds from the start of the clip.
 */
export const formatRaven = (clip: ExportedClip, labels: readonly ClipLabel[]): string => {
  const rows = labels.map(({ startS, endS, label, claimed }, index) =>
    [
      String(index + 1),
      'Spectrogram 1',
      '1',
      startS.toFixed(6),
      endS.toFixed(6),
      '0.000',
      (clip.sampleRateHz / 2).toFixed(3),
      clip.file,
      label,
      label === NO_LABEL ? claimed : '',
    ].join('\t'),
  );
  return `${[columns.join('\t'), ...rows].join('\n')}\n`;
};

/** The labels of a table, its own or one that Raven saved: columns by name, rows of other views passed over. Throws Error. */
export const parseRaven = (text: string): readonly ClipLabel[] => {
  const [head = '', ...rows] = text.split(/\r?\n/);
  const names = head.split('\t');
  const place = (name: (typeof columns)[number]): number => names.indexOf(name);
  for (const name of ['Begin Time (s)', 'End Time (s)', 'Label'] as const) {
    if (place(name) < 0) throw new Error(`the column ${JSON.stringify(name)} is missing`);
  }
  return rows.flatMap((row, index) => {
    const cells = row.split('\t');
    if (row === '' || (place('View') >= 0 && cells[place('View')] !== 'Spectrogram 1')) return [];
    const [startS, endS] = [Number(cells[place('Begin Time (s)')]), Number(cells[place('End Time (s)')])];
    if (!(endS >= startS)) throw new Error(`row ${index + 1}: expected a begin and an end time in seconds`);
    const claimed = place('Claimed') < 0 ? '' : (cells[place('Claimed')] ?? '');
    return [{ startS, endS, label: cells[place('Label')] ?? '', claimed }];
  });
};
