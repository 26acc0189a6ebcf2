import { StateSnapshot } from '@earshot/contracts';
import { hear, owesSilent, silentTold, type HeardSecond, type Presence } from '@earshot/core/fleet';
import { isReadableAs } from '@earshot/platform/stage-runner';

const STATE_VERSION = 1;

/** The presence of every sensor that was ever heard, in memory; key tenant/sensor. */
export class PresenceTable {
  private readonly table = new Map<string, Presence>();

  get(key: string): Presence | undefined {
    return this.table.get(key);
  }

  entries(): IterableIterator<[string, Presence]> {
    return this.table.entries();
  }

  hear(key: string, second: HeardSecond, nowUs: number): void {
    this.table.set(key, hear(this.table.get(key), second, nowUs));
  }

  /** Sensors whose silence has to be told. */
  quiet(nowUs: number, silentAfterUs: number, listeningSinceUs: number): readonly (readonly [string, Presence])[] {
    return [...this.table].filter(([, presence]) => owesSilent(presence, nowUs, silentAfterUs, listeningSinceUs));
  }

  /** `presence` was told; what was heard meanwhile stays. */
  told(key: string, presence: Presence): void {
    if (this.table.get(key)?.lastSeenUs === presence.lastSeenUs) this.table.set(key, silentTold(presence));
  }

  snapshot(key: string): Uint8Array {
    const state = Buffer.from(JSON.stringify(this.table.get(key)));
    return StateSnapshot.encode({
      key,
      epoch: 0,
      positions: [],
      origins: [],
      stateVersion: STATE_VERSION,
      compatibleVersion: STATE_VERSION,
      state,
    }).finish();
  }

  /** Takes back a snapshot; one of another layout counts as never heard. */
  restore(key: string, value: Uint8Array): void {
    const snapshot = StateSnapshot.decode(value);
    if (!isReadableAs(snapshot, STATE_VERSION)) return;
    this.table.set(key, JSON.parse(new TextDecoder().decode(snapshot.state)) as Presence);
  }
}
