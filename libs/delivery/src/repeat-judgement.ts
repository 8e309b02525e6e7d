import { RepeatWindow } from '@millrace/event';
import type { LogRecord } from '@millrace/event';

/**
 * Which records of one partition are repeats, for as long as it is open. A record that comes again before its commit, after
 * a hold, is judged as it was the first time.
 */
export class RepeatJudgement {
  private readonly window: RepeatWindow;
  /** Records up to, and with, this offset have been judged. */
  private judgedTo = -1n;
  /** Those of them that are repeats and are not committed yet; hardly ever any. */
  private readonly repeats = new Set<bigint>();

  /** A record whose identity lies at most `distance` offsets before it is a repeat. */
  constructor(distance: bigint) {
    this.window = new RepeatWindow(distance);
  }

  /** Shows it a record that was done before the partition was opened. Offsets must rise. */
  observe(record: LogRecord): void {
    this.window.observe(record);
  }

  isRepeat(record: LogRecord): boolean {
    if (record.offset <= this.judgedTo) return this.repeats.has(record.offset);
    this.judgedTo = record.offset;
    const repeat = this.window.observe(record);
    if (repeat) this.repeats.add(record.offset);
    return repeat;
  }

  /** Records before this offset do not come again. */
  forgetBefore(offset: bigint): void {
    for (const each of this.repeats) if (each < offset) this.repeats.delete(each);
  }
}
