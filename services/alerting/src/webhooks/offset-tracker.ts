/** Which records of a partition are done, when they end in another order than they came. */
export class OffsetTracker {
  private readonly open = new Set<number>();
  private next: number | undefined;
  private committed: number | undefined;

  /** False: it is under way or done already. Offsets come in ascending order. */
  begin(kafkaOffset: number): boolean {
    if (this.next !== undefined && kafkaOffset < this.next) return false;
    this.open.add(kafkaOffset);
    this.next = kafkaOffset + 1;
    return true;
  }

  end(kafkaOffset: number): void {
    this.open.delete(kafkaOffset);
  }

  /** The next offset to read after everything before it is done; undefined when that was committed already. */
  due(): number | undefined {
    const [first] = this.open;
    const position = first ?? this.next;
    return position === this.committed ? undefined : position;
  }

  didCommit(kafkaOffset: number): void {
    this.committed = kafkaOffset;
  }
}
