import type { Logger } from '@millrace/contracts';
import type { PartitionHandlerFactory } from '@millrace/delivery';
import { formatTopicPartition } from '@millrace/event';
import type { Position } from '@millrace/event';
import type { Batch, EachBatchPayload } from 'kafkajs';
import { AssignedPartition } from './assigned-partition';
import { endsGeneration } from './ends-generation';
import type { FetchControl } from './fetch-control';
import { logRecordOf } from './log-record-of';

export interface AssignedPartitionsOptions {
  readonly handlerFor: PartitionHandlerFactory;
  readonly log: Logger;
  readonly heartbeatIntervalMs: number;
  /** Records handed to a handler at once. Default 1,000. */
  readonly maxRecords?: number;
}

/**
 * What a handler that is under way gets when its partition is taken away. Whoever gets it next waits for a heartbeat before its
 * first record, about as long, and the epoch keeps both from writing.
 */
const REVOKE_GRACE_MS = 1_000;

/** The partitions that a member of a group holds in the present generation, and what is under way in them and in earlier ones. */
export class AssignedPartitions {
  private readonly held = new Map<string, AssignedPartition>();
  /** Batches under way, whoever they were assigned to. */
  private readonly feeding = new Set<Promise<void>>();
  /** Partitions that were taken away and are not still yet. */
  private readonly closing = new Map<string, Promise<void>>();

  constructor(private readonly options: AssignedPartitionsOptions) {}

  /** In the order in which Kafka gave them. */
  get all(): readonly AssignedPartition[] {
    return [...this.held.values()];
  }

  /** Takes the place of what was held before. Each partition is paused at once, and opened when its last assignment is still. */
  assign(assignment: Record<string, number[]>, fetch: FetchControl): void {
    this.close();
    for (const [topic, numbers] of Object.entries(assignment)) {
      for (const number of numbers) {
        const at = { topic, partition: number };
        const partition = new AssignedPartition(at, this.options.handlerFor(at), fetch, this.options.log);
        const place = formatTopicPartition(at);
        this.held.set(place, partition);
        void partition.open(this.closing.get(place));
      }
    }
  }

  /** A heartbeat of this member that was sent then was accepted. */
  confirmed(heartbeatSentAtMs: number): void {
    for (const partition of this.held.values()) partition.confirmed(heartbeatSentAtMs);
  }

  /** The log has no record from the last one that was handled up to this offset. */
  passed({ offset, ...at }: Position): void {
    this.held.get(formatTopicPartition(at))?.passed(offset);
  }

  /** Hands a batch to the partition's handler, in parts. Records of a partition that is not held, or does not run, are left. */
  handleBatch(payload: EachBatchPayload): Promise<void> {
    const partition = this.held.get(formatTopicPartition(payload.batch));
    if (partition === undefined || !partition.accepts) return Promise.resolve();
    const work = this.feedWithHeartbeat(partition, payload);
    this.feeding.add(work);
    const done = () => this.feeding.delete(work);
    work.then(done, done);
    return work;
  }

  /** Nothing is held any more. What is under way gets so long to end. */
  close(graceMs = REVOKE_GRACE_MS): void {
    for (const partition of this.held.values()) this.closeOne(partition, graceMs);
    this.held.clear();
  }

  /** Resolves when nothing is under way any more of what was closed by now. */
  async still(): Promise<void> {
    await Promise.allSettled([...this.feeding, ...this.closing.values()]);
  }

  /**
   * A handler may take longer than a session: the heartbeat goes on beside it. One that says the generation is
   * over aborts the handler and is thrown afterwards, for kafkajs to join again. Any other failure, such as a
   * broker that is away, is left to the fetch loop: closed without joining again, the partition would never be
   * opened again. Its writes are fenced all the same.
   */
  private async feedWithHeartbeat(partition: AssignedPartition, payload: EachBatchPayload): Promise<void> {
    let over: Error | undefined;
    const beat = setInterval(() => {
      payload.heartbeat().catch((error: unknown) => {
        if (!endsGeneration(error)) return;
        over = error;
        this.closeOne(partition);
      });
    }, this.options.heartbeatIntervalMs);
    try {
      await this.feed(partition, payload.batch, payload);
    } finally {
      clearInterval(beat);
    }
    if (over !== undefined) throw over;
  }

  private async feed(partition: AssignedPartition, batch: Batch, payload: EachBatchPayload): Promise<void> {
    const size = this.options.maxRecords ?? 1_000;
    for (let from = 0; from < batch.messages.length; from += size) {
      if (!payload.isRunning() || payload.isStale() || !partition.accepts) return;
      const records = batch.messages.slice(from, from + size).map((message) => logRecordOf(batch, message));
      const outcome = await partition.handle(records);
      // Closed meanwhile: by now kafkajs's offset may be that of the next assignment, and is not ours to move.
      if (partition.isOver()) return;
      if (outcome.kind === 'fenced') throw this.rejoin(partition, outcome.reason);
      if (outcome.kind !== 'done') return;
      const last = records.at(-1);
      if (last !== undefined) payload.resolveOffset(last.offset.toString());
    }
    // With the last record kafkajs resolves the markers and aborted records behind it.
    partition.passed(BigInt(batch.lastOffset()) + 1n);
  }

  /** The error that makes kafkajs join the group again, as a member that may have been presumed dead. */
  private rejoin(partition: AssignedPartition, reason: string): Error {
    this.options.log.warn(
      { ...partition.status, reason },
      'fenced: giving up the partition and joining again',
    );
    this.closeOne(partition);
    return Object.assign(new Error(reason), { type: 'REBALANCE_IN_PROGRESS', retriable: false });
  }

  private closeOne(partition: AssignedPartition, graceMs = REVOKE_GRACE_MS): void {
    const place = formatTopicPartition(partition.at);
    const closed = partition.close(graceMs);
    this.closing.set(place, closed);
    void closed.then(() => {
      if (this.closing.get(place) === closed) this.closing.delete(place);
    });
  }
}
