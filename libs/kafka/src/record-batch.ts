import type { WriteOutcome } from './errors';
import type { PendingRecord } from './pending-record';

/** Records of one partition that are sent together, again and again until it is known what became of them. */
export class RecordBatch {
  /** Callers at the front that were already told that their deadline has passed. */
  private expired = 0;
  /** A try has begun whose outcome is not known to be a failure. */
  mayBeWritten = false;

  constructor(private records: readonly PendingRecord[]) {}

  /** What a try sends: also records whose callers were told `unknown`, as long as they may be in the log. */
  get toSend(): readonly PendingRecord[] {
    return this.records;
  }

  /** The records whose callers still wait. */
  get live(): readonly PendingRecord[] {
    return this.records.slice(this.expired);
  }

  /** Where the first live record stands among those that a try sends. */
  get liveFrom(): number {
    return this.expired;
  }

  /** What can be said to a caller whose deadline passes now. */
  get outcome(): WriteOutcome {
    return this.mayBeWritten ? 'unknown' : 'not-written';
  }

  /** Marks the callers whose deadline has passed as answered, and gives them. */
  expire(now: number): readonly PendingRecord[] {
    const from = this.expired;
    const inTime = this.records.findIndex((record, index) => index >= from && record.deadlineAt > now);
    this.expired = inTime === -1 ? this.records.length : inTime;
    return this.records.slice(from, this.expired);
  }

  /** Before a try: what nobody waits for is left out, unless it may be in the log. */
  dropUnwanted(): void {
    if (this.mayBeWritten || this.expired === 0) return;
    this.records = this.live;
    this.expired = 0;
  }
}
