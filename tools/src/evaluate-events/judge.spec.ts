import { describe, expect, it } from '@jest/globals';
import { judge } from './judge.js';

const span = (sensorId: string, label: string, onsetS: number, offsetS: number) => ({
  sensorId,
  label,
  onsetUs: onsetS * 1e6,
  offsetUs: offsetS * 1e6,
});

describe('judge', () => {
  it('counts clips with an overlapping event of their label, and events without such a clip', () => {
    const truth = [span('a', 'dog', 0, 5), span('a', 'rain', 5, 10), span('b', 'dog', 0, 20)];
    const events = [
      span('a', 'dog', 4, 6), // hits
      span('a', 'rain', 10, 11), // half-open: touches the clip only, and nothing played
      span('a', 'rain', 1, 2), // wrong
      span('b', 'rain', 1, 2), // wrong
      span('other', 'dog', 0, 5), // another sensor
    ];
    expect(judge(truth, events)).toEqual({
      clips: 3,
      hit: 1,
      hitShare: 1 / 3,
      events: 3,
      wrong: 2,
      wrongPerMinute: 4,
      byLabel: [
        { label: 'dog', clips: 2, hit: 1 },
        { label: 'rain', clips: 1, hit: 0 },
      ],
    });
  });

  it('has a share of 0 where nothing was played', () => {
    expect(judge([], [span('a', 'dog', 0, 1)])).toMatchObject({ clips: 0, hitShare: 0, events: 0, wrongPerMinute: 0 });
  });
});
