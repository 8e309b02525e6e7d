import type { LogRecord } from './log-record';

/** Places in the log, counted from the first record that was shown, by source and id. */
type Generation = Map<string, Map<string, number>>;

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
  private recent: Generation = new Map();
  private older: Generation = new Map();
  private recentFrom = 0;
  private base: bigint | undefined;
  private readonly distance: number;

  constructor(distance: bigint) {
    this.distance = Number(distance);
  }

  /** Notes a record and says whether it is a repeat. Every event counts, repeats included; what is no event never is one. */
  observe(record: LogRecord): boolean {
    const id = record.header('ce_id');
    const source = record.header('ce_source');
    this.base ??= record.offset;
    const place = Number(record.offset - this.base);
    if (place - this.recentFrom > this.distance) this.turn(place);
    if (id === undefined || source === undefined) return false;
    // By source first: to make one text of both and find its hash takes longer than all else here.
    let ofSource = this.recent.get(source);
    if (ofSource === undefined) {
      ofSource = new Map();
      this.recent.set(source, ofSource);
    }
    const previous = ofSource.get(id) ?? this.older.get(source)?.get(id);
    ofSource.set(id, place);
    return previous !== undefined && place - previous <= this.distance;
  }

  /** How many identities it holds: those of twice the distance at most. */
  get size(): number {
    let size = 0;
    for (const generation of [this.recent, this.older]) {
      for (const ids of generation.values()) size += ids.size;
    }
    return size;
  }

  /** What is in the older generation by then lies further back than the distance. */
  private turn(place: number): void {
    this.older = this.recent;
    this.recent = new Map();
    this.recentFrom = place;
  }
}
