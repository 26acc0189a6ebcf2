/**
 * Anchors of sensors without a clock: the reception of the first frame that this process saw of a boot, minus what had
 * been recorded by then. Kept so that it stays the same for the whole boot. The limit: another instance, or this one
 * after a restart, has its own idea of the anchor, off by the difference in network delay; sensors without a clock
 * should therefore stay with one instance (a connection does), and feature-extraction keeps the anchor it saw first.
 */
export class AnchorCache {
  private readonly anchors = new Map<string, number>();

  constructor(private readonly maxBoots = 20_000) {}

  /** Event time of sample 0 of the boot, µs. `endSampleIndex`: one past the frame's last sample. */
  anchorTimeUs(boot: string, receivedTimeUs: number, endSampleIndex: number, sampleRateHz: number): number {
    const known = this.anchors.get(boot);
    const anchor = known ?? Math.round(receivedTimeUs - (endSampleIndex / sampleRateHz) * 1e6);
    // Taken out and put in again: the map's order is that of last use.
    this.anchors.delete(boot);
    this.anchors.set(boot, anchor);
    if (this.anchors.size > this.maxBoots) {
      const oldest = this.anchors.keys().next();
      if (oldest.done !== true) this.anchors.delete(oldest.value);
    }
    return anchor;
  }
}
