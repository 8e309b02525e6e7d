/** What one commit should take at most: a rebalance or a crash takes back no more than that, and it is done again. */
const COMMIT_WITHIN_MS = 500;
const FIRST = 32;

/**
 * How many records go into one commit. It begins low and doubles while commits are quick, and is halved when one takes too
 * long. So fast handlers commit everything that was fetched together, and a slow one still gets on when its partition is
 * taken away every few seconds.
 */
export class GroupSize {
  private records = FIRST;

  constructor(private readonly withinMs = COMMIT_WITHIN_MS) {}

  get next(): number {
    return this.records;
  }

  /** Notes what a commit of so many records took, whether it succeeded or not. */
  took(ms: number, records: number): void {
    if (ms > this.withinMs) this.records = Math.max(1, Math.floor(records / 2));
    else if (records === this.records && ms < this.withinMs / 2) this.records *= 2;
  }
}
