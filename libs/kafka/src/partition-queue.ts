import { crashPoint } from '@millrace/contracts';
import { RecordRefusedError, WriteDeadlineError } from './errors';
import type { WriteOutcome } from './errors';
import { takeOverdue } from './pending-record';
import type { PendingRecord } from './pending-record';
import { RecordBatch } from './record-batch';
import { asError, classifyWriteFailure } from './write-failure';

export interface PartitionQueueOptions {
  readonly topic: string;
  readonly partition: number;
  readonly deadlineMs: number;
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  /** Resolves when there is a connection to send on. When it rejects, nothing has left this process. */
  readonly connect: () => Promise<void>;
  /** Writes a batch with acks=all and gives the offset of its first record. */
  readonly send: (batch: readonly PendingRecord[]) => Promise<bigint>;
  /** Waits before the try that follows number `attempt` (from 0) of the same batch. */
  readonly backOff: (attempt: number) => Promise<void>;
  /** Called exactly once for each record that leaves the queue, whatever its outcome. */
  readonly onSettled: (record: PendingRecord) => void;
}

/**
 * The records that wait for one partition. One batch is in flight at a time and is sent again until its outcome
 * is known, so the order of the log is the order of `push`, and a partition in trouble holds back only itself.
 *
 * A caller gets its answer at its deadline at the latest: `unknown` when its batch may have reached the broker,
 * `not-written` when it surely has not; such a record is never sent afterwards. A batch that may be in the log is
 * never abandoned, also when nobody waits for it any more: what follows could otherwise overtake it. The exceptions are a
 * batch that the broker will not take any more because its time is over, and one whose numbers the broker has lost.
 */
export class PartitionQueue {
  private readonly waiting: PendingRecord[] = [];
  /** What a refused batch was cut into. It goes before all that waits. */
  private readonly pieces: RecordBatch[] = [];
  private current: RecordBatch | undefined;
  private draining: Promise<void> | undefined;
  private lastFailure: Error | undefined;
  private closed = false;

  constructor(private readonly options: PartitionQueueOptions) {}

  push(record: PendingRecord): void {
    if (this.closed) return this.rejectLate(record, 'not-written');
    this.waiting.push(record);
    // The rest of this turn's records join the same batch: full batches under load, no wait when idle.
    this.draining ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.drain());
  }

  /** Answers every caller whose deadline has passed. Call it at a steady pace. */
  expire(now: number): void {
    for (const batch of [this.current, ...this.pieces]) {
      for (const record of batch?.expire(now) ?? []) this.rejectLate(record, batch?.outcome ?? 'unknown');
    }
    for (const record of takeOverdue(this.waiting, now)) this.rejectLate(record, 'not-written');
  }

  /** Gives up retrying: whoever still waits is answered at once, and so is whoever comes later. */
  close(): void {
    this.closed = true;
    this.expire(Number.POSITIVE_INFINITY);
  }

  private async drain(): Promise<void> {
    for (let batch = this.nextBatch(); batch !== undefined; batch = this.nextBatch()) {
      this.current = batch;
      await this.write(batch);
      this.current = undefined;
    }
    this.draining = undefined;
  }

  private nextBatch(): RecordBatch | undefined {
    const piece = this.pieces.shift();
    if (piece !== undefined || this.waiting.length === 0) return piece;
    let bytes = 0;
    let count = 0;
    for (const record of this.waiting) {
      bytes += record.sizeBytes;
      if (count === this.options.maxBatchRecords || (count > 0 && bytes > this.options.maxBatchBytes)) break;
      count += 1;
    }
    return new RecordBatch(this.waiting.splice(0, count));
  }

  private async write(batch: RecordBatch): Promise<void> {
    for (let attempt = 0; !this.closed; attempt++) {
      if (await this.tryOnce(batch)) return;
      await this.options.backOff(attempt);
    }
  }

  /** True when it is known what became of the whole batch. */
  private async tryOnce(batch: RecordBatch): Promise<boolean> {
    try {
      await this.options.connect();
    } catch (error) {
      this.lastFailure = asError(error);
      batch.dropUnwanted();
      return batch.toSend.length === 0;
    }
    batch.dropUnwanted();
    if (this.closed || batch.toSend.length === 0) return true;
    const before = batch.mayBeWritten;
    batch.mayBeWritten = true;
    try {
      this.acknowledge(batch, await this.options.send(batch.toSend));
      this.lastFailure = undefined;
      return true;
    } catch (error) {
      const failure = asError(error);
      const known = classifyWriteFailure(failure);
      if (known !== 'unknown') batch.mayBeWritten = before;
      if (known === 'refused') {
        this.cut(batch, failure);
        return true;
      }
      this.lastFailure = failure;
      // What may be in the log already could get there a second time under new numbers.
      const isOver = known === 'too-late' || (known === 'numbers-lost' && batch.mayBeWritten);
      if (isOver) for (const record of batch.live) this.rejectLate(record, batch.outcome);
      return isOver;
    }
  }

  /** One record that can never be written must not take its neighbours down: halve until it stands alone. */
  private cut(batch: RecordBatch, failure: Error): void {
    const { live } = batch;
    const [only] = live;
    if (only !== undefined && batch.toSend.length === 1) {
      only.reject(new RecordRefusedError(this.options, only.sizeBytes, failure));
      this.options.onSettled(only);
      return;
    }
    const middle = Math.ceil(live.length / 2);
    const halves = [live.slice(0, middle), live.slice(middle)].filter((half) => half.length > 0);
    this.pieces.unshift(
      ...halves.map((half) => {
        const piece = new RecordBatch(half);
        piece.mayBeWritten = batch.mayBeWritten;
        return piece;
      }),
    );
  }

  private acknowledge(batch: RecordBatch, baseOffset: bigint): void {
    crashPoint('record-acknowledged');
    const { topic, partition } = this.options;
    const firstOffset = baseOffset + BigInt(batch.liveFrom);
    batch.live.forEach((record, index) => {
      record.resolve({ topic, partition, offset: firstOffset + BigInt(index) });
      this.options.onSettled(record);
    });
  }

  private rejectLate(record: PendingRecord, outcome: WriteOutcome): void {
    const { topic, partition, deadlineMs } = this.options;
    record.reject(new WriteDeadlineError(topic, outcome, { deadlineMs, partition, cause: this.lastFailure }));
    this.options.onSettled(record);
  }
}
