import type { Position } from '@millrace/event';
import { RecordRefusedError, WriteDeadlineError } from './errors';
import { classifyWriteFailure } from './write-failure';

export interface PendingRecord {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: Record<string, Buffer | string>;
  readonly sizeBytes: number;
  /** In `performance.now()` time. */
  readonly deadlineAt: number;
  readonly resolve: (position: Position) => void;
  readonly reject: (error: Error) => void;
}

export interface PartitionQueueOptions {
  readonly topic: string;
  readonly partition: number;
  readonly deadlineMs: number;
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  /** Writes a batch with acks=all and gives the offset of its first record. */
  readonly send: (batch: readonly PendingRecord[]) => Promise<bigint>;
  /** Waits before try number `attempt` (from 0) of the same batch. */
  readonly backOff: (attempt: number) => Promise<void>;
  /** Called once for each record that leaves the queue, whatever its outcome. */
  readonly onSettled: (record: PendingRecord) => void;
}

interface Batch {
  readonly records: PendingRecord[];
  /** Records whose callers were already told that the deadline passed. */
  expired: number;
}

/**
 * The records that wait for one partition. One batch is in flight at a time and is sent again until its outcome
 * is known, so the order of the log is the order of `push`, and a partition in trouble holds back only itself.
 *
 * A caller gets its answer at its deadline at the latest: `unknown` when its batch may have reached the broker,
 * `not-written` when it never left this queue. A batch in flight is never abandoned, also when nobody waits for
 * it any more: what follows could otherwise overtake it.
 */
export class PartitionQueue {
  private readonly waiting: PendingRecord[] = [];
  private inFlight: Batch | undefined;
  private draining: Promise<void> | undefined;
  private lastFailure: Error | undefined;
  private closed = false;

  constructor(private readonly options: PartitionQueueOptions) {}

  push(record: PendingRecord): void {
    this.waiting.push(record);
    // The rest of this turn's records join the same batch: full batches under load, no wait when idle.
    this.draining ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.drain());
  }

  /** Resolves when all that was pushed before has settled. */
  async idle(): Promise<void> {
    await this.draining;
  }

  /** The error of the batch that is being retried, if one is. */
  get trouble(): Error | undefined {
    return this.lastFailure;
  }

  /** Answers every caller whose deadline has passed. Call it at a steady pace. */
  expire(now: number): void {
    const firstInTime = this.waiting.findIndex((record) => record.deadlineAt > now);
    const overdue = this.waiting.splice(0, firstInTime === -1 ? this.waiting.length : firstInTime);
    for (const record of overdue) this.rejectLate(record, 'not-written');
    const batch = this.inFlight;
    if (batch === undefined) return;
    while (batch.expired < batch.records.length) {
      const record = batch.records[batch.expired];
      if (record === undefined || record.deadlineAt > now) return;
      batch.expired += 1;
      this.rejectLate(record, 'unknown');
    }
  }

  /** Gives up retrying: whoever still waits is answered at once. */
  close(): void {
    this.closed = true;
    this.expire(Number.POSITIVE_INFINITY);
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.write(this.takeBatch());
    }
    this.draining = undefined;
  }

  private takeBatch(): PendingRecord[] {
    let bytes = 0;
    let count = 0;
    for (const record of this.waiting) {
      bytes += record.sizeBytes;
      if (count === this.options.maxBatchRecords || (count > 0 && bytes > this.options.maxBatchBytes)) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async write(records: PendingRecord[]): Promise<void> {
    const batch: Batch = { records, expired: 0 };
    this.inFlight = batch;
    for (let attempt = 0; !this.closed; attempt++) {
      try {
        const baseOffset = await this.options.send(records);
        this.lastFailure = undefined;
        this.acknowledge(batch, baseOffset);
        return;
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        if (classifyWriteFailure(failure) === 'refused') {
          await this.split(batch, failure);
          return;
        }
        this.lastFailure = failure;
        await this.options.backOff(attempt);
      }
    }
  }

  /** One record that can never be written must not take its neighbours down: halve until it stands alone. */
  private async split(batch: Batch, failure: Error): Promise<void> {
    const [first, ...others] = batch.records;
    if (first === undefined) return;
    if (others.length === 0) {
      if (batch.expired > 0) return;
      first.reject(new RecordRefusedError(this.options, first.sizeBytes, failure));
      this.options.onSettled(first);
      return;
    }
    const live = batch.records.slice(batch.expired);
    const middle = Math.ceil(live.length / 2);
    await this.write(live.slice(0, middle));
    if (middle < live.length) await this.write(live.slice(middle));
  }

  private acknowledge(batch: Batch, baseOffset: bigint): void {
    const { topic, partition } = this.options;
    this.inFlight = undefined;
    batch.records.forEach((record, index) => {
      if (index < batch.expired) return;
      record.resolve({ topic, partition, offset: baseOffset + BigInt(index) });
      this.options.onSettled(record);
    });
  }

  private rejectLate(record: PendingRecord, outcome: 'unknown' | 'not-written'): void {
    const { topic, partition, deadlineMs } = this.options;
    record.reject(new WriteDeadlineError(topic, outcome, { deadlineMs, partition, cause: this.lastFailure }));
    this.options.onSettled(record);
  }
}
