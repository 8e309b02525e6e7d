import { Fifo } from './fifo';

interface Begun {
  readonly offset: bigint;
  finished: boolean;
}

/**
 * How far a partition is done when its records end in any order. `position` is the first offset that is not done: what
 * lies before it is finished or was never a record, so it can be stored as the place to go on from.
 *
 * Each call takes amortised constant time. Memory grows with `ahead`, which one record that does not end lets grow
 * without bound: whoever begins records has to stop at some number of them.
 */
export class Watermark {
  private readonly inOrder = new Fifo<Begun>();
  private readonly unfinished = new Map<bigint, Begun>();
  private next: bigint;

  /** Everything before `start` counts as done. */
  constructor(start: bigint) {
    this.next = start;
  }

  /** The first offset that is not done; one past the last that was begun when all of them are. It never falls. */
  get position(): bigint {
    return this.inOrder.first?.offset ?? this.next;
  }

  /** How many records were begun from the position on, finished ones included: what a crash now would do again. */
  get ahead(): number {
    return this.inOrder.size;
  }

  /**
   * Notes a record as taken. What was left out since the one before is no record: transactions and compaction leave gaps.
   * @throws RangeError when offsets do not rise.
   */
  begin(offset: bigint): void {
    if (offset < this.next) {
      throw new RangeError(`offset ${offset} was begun: expected ${this.next} or more, offsets rise`);
    }
    const begun = { offset, finished: false };
    this.inOrder.push(begun);
    this.unfinished.set(offset, begun);
    this.next = offset + 1n;
  }

  /** Notes a record as done, in any order. @throws RangeError when it is not under way: a position could be wrong. */
  finish(offset: bigint): void {
    const begun = this.unfinished.get(offset);
    if (begun === undefined) {
      throw new RangeError(`offset ${offset} was finished: it was not begun, or finished before`);
    }
    this.unfinished.delete(offset);
    begun.finished = true;
    while (this.inOrder.first?.finished === true) this.inOrder.shift();
  }
}
