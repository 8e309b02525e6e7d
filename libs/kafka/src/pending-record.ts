import type { Position } from '@millrace/event';
import type { BatchRecord } from './produce/record-batch-bytes';

/** A record on its way into the log, with the caller that waits for its place there. */
export interface PendingRecord extends BatchRecord {
  readonly sizeBytes: number;
  /** In `performance.now()` time. */
  readonly deadlineAt: number;
  readonly resolve: (position: Position) => void;
  readonly reject: (error: Error) => void;
}

/** Takes the records whose deadline has passed off the front: deadlines are in the order of the calls. */
export function takeOverdue(records: PendingRecord[], now: number): PendingRecord[] {
  const firstInTime = records.findIndex((record) => record.deadlineAt > now);
  return records.splice(0, firstInTime === -1 ? records.length : firstInTime);
}
