/**
 * Recognises repeats in one partition by the log alone: a record is a repeat when a record of the same identity
 * lies at most `distance` offsets before it. What was processed, when, and by whom plays no part, so a rerun
 * from any earlier point decides the same, once it has been shown the `distance` offsets before its start.
 *
 * Memory grows with the distance, never with the log. Not safe for offsets out of order: offsets must rise.
 */
export class RepeatWindow {
  private readonly lastOffsets = new Map<string, bigint>();

  constructor(private readonly distance: bigint) {}

  /** Notes a record and says whether it is a repeat. Every record counts, repeats included. */
  observe(identity: string, offset: bigint): boolean {
    const previous = this.lastOffsets.get(identity);
    // Taking it out first keeps the map ordered by offset, so that eviction only looks at the front.
    if (previous !== undefined) this.lastOffsets.delete(identity);
    this.lastOffsets.set(identity, offset);
    this.evictBefore(offset - this.distance);
    return previous !== undefined && offset - previous <= this.distance;
  }

  /** How many identities it holds. */
  get size(): number {
    return this.lastOffsets.size;
  }

  private evictBefore(offset: bigint): void {
    for (const [identity, last] of this.lastOffsets) {
      if (last >= offset) return;
      this.lastOffsets.delete(identity);
    }
  }
}
