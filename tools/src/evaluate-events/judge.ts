/** Half-open spans in event time, microseconds since the Unix epoch. */
export interface LabelledSpan {
  readonly sensorId: string;
  readonly label: string;
  readonly onsetUs: number;
  readonly offsetUs: number;
}

export interface Verdict {
  readonly clips: number;
  /** Clips with an event of their label that overlaps them. */
  readonly hit: number;
  readonly hitShare: number;
  readonly events: number;
  /** Events that overlap no clip of their label. */
  readonly wrong: number;
  readonly wrongPerMinute: number;
  /** Shares of clips hit, in the order of the labels. */
  readonly byLabel: readonly { readonly label: string; readonly clips: number; readonly hit: number }[];
}

const overlaps = (a: LabelledSpan, b: LabelledSpan): boolean =>
  a.label === b.label && a.onsetUs < b.offsetUs && b.onsetUs < a.offsetUs;

const bySensor = (spans: readonly LabelledSpan[]): ReadonlyMap<string, readonly LabelledSpan[]> => {
  const table = new Map<string, LabelledSpan[]>();
  for (const span of spans) {
    const mine = table.get(span.sensorId);
    if (mine === undefined) table.set(span.sensorId, [span]);
    else mine.push(span);
  }
  return table;
};

/** What was played against what was found. Events of other sensors, or that overlap nothing played, do not count. */
export const judge = (truth: readonly LabelledSpan[], events: readonly LabelledSpan[]): Verdict => {
  const played = bySensor(truth);
  const found = bySensor(events);
  const clips = truth.map((clip) => ({
    label: clip.label,
    hit: (found.get(clip.sensorId) ?? []).some((event) => overlaps(event, clip)),
  }));
  const judged = events.filter((event) =>
    (played.get(event.sensorId) ?? []).some((clip) => event.onsetUs < clip.offsetUs && clip.onsetUs < event.offsetUs),
  );
  const wrong = judged.filter(
    (event) => !(played.get(event.sensorId) ?? []).some((clip) => overlaps(event, clip)),
  ).length;
  const minutes = truth.reduce((sum, clip) => sum + (clip.offsetUs - clip.onsetUs) / 60e6, 0);
  const hit = clips.filter((clip) => clip.hit).length;
  const labels = [...new Set(clips.map(({ label }) => label))].sort();
  return {
    clips: clips.length,
    hit,
    hitShare: clips.length === 0 ? 0 : hit / clips.length,
    events: judged.length,
    wrong,
    wrongPerMinute: minutes === 0 ? 0 : wrong / minutes,
    byLabel: labels.map((label) => {
      const mine = clips.filter((clip) => clip.label === label);
      return { label, clips: mine.length, hit: mine.filter((clip) => clip.hit).length };
    }),
  };
};
