import { partitionFor } from '@millrace/event';
import { TopicNotFoundError, WriteDeadlineError } from './errors';
import { PartitionQueue } from './partition-queue';
import type { PartitionQueueOptions } from './partition-queue';
import { takeOverdue } from './pending-record';
import type { PendingRecord } from './pending-record';

export interface TopicQueuesOptions extends Omit<PartitionQueueOptions, 'partition' | 'connect' | 'send'> {
  /** Asks the cluster. @throws TopicNotFoundError, or any other error when nobody answers. */
  readonly countPartitions: () => Promise<number>;
  readonly connect: (partition: number) => Promise<void>;
  readonly send: (partition: number, batch: readonly PendingRecord[]) => Promise<bigint>;
}

/**
 * The records that wait for one topic: by partition, and before that, while the number of partitions is not known.
 * The order of `push` holds within a key, also across a look-up.
 */
export class TopicQueues {
  private readonly queues: PartitionQueue[] = [];
  /** Waits for the number of partitions. While anything is in here, all that comes goes behind it. */
  private readonly unrouted: PendingRecord[] = [];
  private partitions: number | undefined;
  private lookingUp = false;
  private lastFailure: unknown;
  private closed = false;
  /** Counts the records without a key. */
  private turn = 0;

  constructor(private readonly options: TopicQueuesOptions) {}

  push(record: PendingRecord): void {
    if (this.partitions !== undefined) return this.route(record, this.partitions);
    if (this.closed) return this.rejectLate(record);
    this.unrouted.push(record);
    if (!this.lookingUp) void this.lookUp();
  }

  /** The next record asks the cluster again how many partitions there are. */
  forgetPartitions(): void {
    this.partitions = undefined;
  }

  /** Answers every caller whose deadline has passed. Call it at a steady pace. */
  expire(now: number): void {
    for (const record of takeOverdue(this.unrouted, now)) this.rejectLate(record);
    for (const queue of this.queues) queue.expire(now);
  }

  /** Gives up retrying: whoever still waits is answered at once, and so is whoever comes later. */
  close(): void {
    this.closed = true;
    for (const record of this.unrouted.splice(0)) this.rejectLate(record);
    for (const queue of this.queues) queue.close();
  }

  private async lookUp(): Promise<void> {
    this.lookingUp = true;
    for (let attempt = 0; this.unrouted.length > 0; attempt++) {
      try {
        const partitions = await this.options.countPartitions();
        this.partitions = partitions;
        for (const record of this.unrouted.splice(0)) this.route(record, partitions);
      } catch (error) {
        if (error instanceof TopicNotFoundError) {
          for (const record of this.unrouted.splice(0)) this.reject(record, error);
        } else {
          this.lastFailure = error;
          await this.options.backOff(attempt);
        }
      }
    }
    this.lookingUp = false;
  }

  private route(record: PendingRecord, partitions: number): void {
    const partition = record.key === null ? this.turn++ % partitions : partitionFor(record.key, partitions);
    this.queueOf(partition).push(record);
  }

  private queueOf(partition: number): PartitionQueue {
    for (let next = this.queues.length; next <= partition; next++) {
      const { connect, send } = this.options;
      this.queues.push(
        new PartitionQueue({
          ...this.options,
          partition: next,
          connect: () => connect(next),
          send: (batch) => send(next, batch),
        }),
      );
      if (this.closed) this.queues.at(-1)?.close();
    }
    const queue = this.queues[partition];
    if (queue === undefined) throw new RangeError(`partition ${partition} of ${this.options.topic}`);
    return queue;
  }

  private rejectLate(record: PendingRecord): void {
    const { topic, deadlineMs } = this.options;
    this.reject(
      record,
      new WriteDeadlineError(topic, 'not-written', { deadlineMs, cause: this.lastFailure }),
    );
  }

  private reject(record: PendingRecord, error: Error): void {
    record.reject(error);
    this.options.onSettled(record);
  }
}
