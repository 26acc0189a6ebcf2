import { describe, expect, it } from '@jest/globals';
import {
  nobody,
  previousLive,
  promoted,
  roleHistoryOf,
  shadowed,
  type LedgerPicture,
  type TaskRoles,
} from './role-ledger.js';

const picture = (revision: number, roles: TaskRoles, action: LedgerPicture['action'] = 'promote'): LedgerPicture => ({
  revision,
  effectiveFromUs: revision * 1e6,
  action,
  roles: { 'audio-classification': nobody, 'audio-event-detection': roles },
});
const live = (key: string, ...shadow: string[]): TaskRoles => ({ live: key, shadow });
const history = (ledger: readonly LedgerPicture[], ...installed: string[]) =>
  roleHistoryOf(ledger, 'audio-event-detection', (key) => installed.includes(key)).map((one) => [
    one.effectiveFromUs / 1e6,
    one.live,
    ...one.shadow,
  ]);

describe('roleHistoryOf', () => {
  const ledger = [picture(0, live('a', 'b')), picture(1, live('b', 'a', 'c')), picture(2, live('c'))];

  it('is the ledger, seen from one task', () => {
    expect(history(ledger, 'a', 'b', 'c')).toEqual([
      [0, 'a', 'b'],
      [1, 'b', 'a', 'c'],
      [2, 'c'],
    ]);
    expect(roleHistoryOf(ledger, 'audio-classification', () => true)).toEqual(
      [0, 1, 2].map((second) => ({ effectiveFromUs: second * 1e6, live: null, shadow: [] })),
    );
  });

  it('lets the next live model stand in for one that is gone, or the one before', () => {
    expect(history(ledger, 'b', 'c')).toEqual([
      [0, 'b'],
      [1, 'b', 'c'],
      [2, 'c'],
    ]);
    expect(history(ledger, 'a')).toEqual([
      [0, 'a'],
      [1, 'a'],
      [2, 'a'],
    ]);
    expect(history(ledger)).toEqual([
      [0, null],
      [1, null],
      [2, null],
    ]);
  });
});

describe('changes', () => {
  it('promote one model, which leaves the shadow; the one before goes into it when asked', () => {
    expect(promoted(live('a', 'b', 'c'), 'b', false)).toEqual(live('b', 'c'));
    expect(promoted(live('a', 'b', 'c'), 'b', true)).toEqual(live('b', 'c', 'a'));
    expect(promoted(live('a'), 'a', true)).toEqual(live('a'));
    expect(promoted(nobody, 'a', true)).toEqual(live('a'));
  });

  it('put models into shadow once, never the live one, and take them out', () => {
    expect(shadowed(live('a', 'b'), 'c', true)).toEqual(live('a', 'b', 'c'));
    expect(shadowed(live('a', 'b'), 'b', true)).toEqual(live('a', 'b'));
    expect(shadowed(live('a', 'b'), 'a', true)).toEqual(live('a', 'b'));
    expect(shadowed(live('a', 'b'), 'b', false)).toEqual(live('a'));
  });
});

describe('previousLive', () => {
  const of = (...steps: (readonly [LedgerPicture['action'], string])[]) =>
    previousLive(
      steps.map(([action, key], index) => picture(index, live(key), action)),
      'audio-event-detection',
    );

  it('goes back change by change, not to and fro', () => {
    expect(of(['start', 'a'])).toBeUndefined();
    expect(of(['start', 'a'], ['promote', 'b'])).toBe('a');
    expect(of(['start', 'a'], ['promote', 'b'], ['shadow', 'b'], ['promote', 'c'])).toBe('b');
    expect(of(['start', 'a'], ['promote', 'b'], ['promote', 'c'], ['rollback', 'b'])).toBe('a');
    expect(of(['start', 'a'], ['promote', 'b'], ['rollback', 'a'])).toBeUndefined();
    expect(of(['start', 'a'], ['promote', 'b'], ['promote', 'a'])).toBe('b');
  });
});
