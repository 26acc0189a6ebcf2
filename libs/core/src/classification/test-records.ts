import fc from 'fast-check';
import type { LogMelFrame } from './index.js';
import { BOOT_US, broken, record } from './test-streams.js';

/** Streams with odd record sizes, jumps, breaks, boots and repetitions. */
export const recordsOf = (mostFrames: number): fc.Arbitrary<readonly LogMelFrame[]> =>
  fc
    .array(
      fc.record({
        frames: fc.integer({ min: 0, max: mostFrames }),
        turn: fc.constantFrom('on', 'on', 'on', 'on', 'on', 'on', 'jump', 'zero', 'break', 'boot', 'repeat'),
      }),
      { maxLength: 25 },
    )
    .map((plans) => {
      const records: LogMelFrame[] = [];
      let [boot, frame, timeUs] = [1, 0, BOOT_US];
      plans.forEach(({ frames, turn }, second) => {
        const last = records.at(-1);
        if (turn === 'repeat' && last !== undefined) {
          records.push(last);
          return;
        }
        if (turn === 'break') records.push(broken(timeUs, { bootId: '' }));
        if (turn === 'boot') boot += 1;
        if (turn === 'jump') [frame, timeUs] = [frame + frames, timeUs + frames * 20_000];
        if (turn === 'boot' || turn === 'zero' || turn === 'break') [frame, timeUs] = [0, timeUs + 1_000_000];
        records.push(record(second, frame, frames, { bootId: `b${boot}`, timeUs }));
        [frame, timeUs] = [frame + frames, timeUs + frames * 20_000];
      });
      return records;
    });

export const anyRecords = recordsOf(14);
