import type { LogRecord } from './log-record';
import { identityBytes, SeenIdentities } from './seen-identities';

/**
 * Recognises repeats in one partition by the log alone: a record is a repeat when a record of the same identity
 * lies at most `distance` offsets before it. What was processed, when, and by whom plays no part, so a rerun
 * from any earlier point decides the same, once it has been shown the `distance` offsets before its start.
 *
 * Memory grows with the distance, never with the log. Not safe for offsets out of order: offsets must rise.
 */
export class RepeatWindow {
  // Two generations, and the older one is forgotten whole: to take entries out one by one would cost each record as much
  // as to put one in.
  private recent = new SeenIdentities();
  private older = new SeenIdentities();
  /** Places are counted from the first record that was shown. */
  private recentFrom = 0;
  private base: bigint | undefined;
  private readonly distance: number;

  constructor(distance: bigint) {
    this.distance = Number(distance);
  }

  /** Notes a record and says whether it is a repeat. Every event counts, repeats included; what is no event never is one. */
  observe(record: LogRecord): boolean {
    const id = record.headerBytes('ce_id');
    const source = record.header('ce_source');
    this.base ??= record.offset;
    const place = Number(record.offset - this.base);
    if (place - this.recentFrom > this.distance) this.turn(place);
    if (id === undefined || source === undefined) return false;
    const identity = identityBytes(source, id);
    const previous = this.recent.see(identity, place) ?? this.older.placeOf(identity);
    return previous !== undefined && place - previous <= this.distance;
  }

  /** How many identities it holds: those of twice the distance at most. */
  get size(): number {
    return this.recent.size + this.older.size;
  }

  /** What is in the older generation by then lies further back than the distance. */
  private turn(place: number): void {
    const forgotten = this.older;
    forgotten.clear();
    this.older = this.recent;
    this.recent = forgotten;
    this.recentFrom = place;
  }
}
