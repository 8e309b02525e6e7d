/**
 * Recognises repeats in one partition by the log alone: a record is a repeat when a record of the same identity
 * lies at most `distance` offsets before it. What was processed, when, and by whom plays no part, so a rerun
 * from any earlier point decides the same, once it has been shown the `distance` offsets before its start.
 *
 * Memory grows with the distance, never with the log. Not safe for offsets out of order: offsets must rise.
 */
export class RepeatWindow {
  // Two generations, and the older one is forgotten whole: taking entries out of a Map one by one from its front makes
  // every next look at the front slower.
  private recent = new Map<string, bigint>();
  private older = new Map<string, bigint>();
  private recentFrom = 0n;

  constructor(private readonly distance: bigint) {}

  /** Notes a record and says whether it is a repeat. Every record counts, repeats included. */
  observe(identity: string, offset: bigint): boolean {
    if (offset - this.recentFrom > this.distance) this.turn(offset);
    const previous = this.recent.get(identity) ?? this.older.get(identity);
    this.recent.set(identity, offset);
    return previous !== undefined && offset - previous <= this.distance;
  }

  /** How many identities it holds: those of twice the distance at most. */
  get size(): number {
    return this.recent.size + this.older.size;
  }

  /** What is in the older generation by then lies further back than the distance. */
  private turn(offset: bigint): void {
    this.older = this.recent;
    this.recent = new Map();
    this.recentFrom = offset;
  }
}
