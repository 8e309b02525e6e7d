import type { LogRecord } from '@millrace/event';

type Dated = Pick<LogRecord, 'offset' | 'timestampMs'>;

/** Between two fetches, for so long, the last record done may stand for the one behind it. */
const STANDS_IN_MS = 10_000;

/**
 * When the first record of a partition that is not done was written, as far as its reader knows: it has seen that record as
 * soon as it was given it. Nothing is asked of the log, and nothing is looked up until somebody wants to know.
 */
export class FirstUndone {
  /** What was received and is not done, in order; the first run may have a done part in front. */
  private runs: (readonly Dated[])[] = [];
  private lastDone: { readonly timestampMs: number; readonly atMs: number } | undefined;

  received(records: readonly Dated[]): void {
    const [first] = records;
    const known = this.runs.at(-1)?.at(-1);
    if (first === undefined) return;
    // What comes again was taken back before: it stands for all that was known.
    if (known === undefined || first.offset > known.offset) this.runs.push(records);
    else this.runs = [records];
  }

  /** Everything before `nextOffset` was done by `atMs`. */
  consumed(nextOffset: bigint, atMs: number): void {
    for (let run = this.runs[0]; run !== undefined; run = this.runs[0]) {
      const done = firstFrom(run, nextOffset);
      const last = run[done - 1];
      if (last !== undefined) this.lastDone = { timestampMs: last.timestampMs, atMs };
      if (done < run.length) break;
      this.runs.shift();
    }
  }

  /**
   * The timestamp of the first record from `position` on, in milliseconds since the epoch. Between two fetches that of the
   * last record done, which is no later if the log is in the order of time, for 10 s; `undefined` otherwise.
   */
  timestampMs(position: bigint, nowMs: number): number | undefined {
    // A partition that stands still would otherwise keep the payloads of its run in memory for as long.
    this.runs = this.runs.map((run) => run.map(({ offset, timestampMs }) => ({ offset, timestampMs })));
    for (const run of this.runs) {
      const first = run[firstFrom(run, position)];
      if (first !== undefined) return first.timestampMs;
    }
    const { lastDone } = this;
    return lastDone !== undefined && nowMs - lastDone.atMs <= STANDS_IN_MS ? lastDone.timestampMs : undefined;
  }
}

/** The index of the first record at or behind an offset; the length if there is none. Offsets rise. */
function firstFrom(records: readonly Dated[], offset: bigint): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records[middle] as Dated).offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
