import type { LogRecord, TopicPartition } from '@millrace/event';
import { partsOf, positionOptionsOf, queuesOf, SERVERS_BACKOFF } from './group-partition-parts';
import type { GroupPartitionPartsOptions } from './group-partition-parts';
import type { DrainLoop } from './parking/drain-loop';
import { noteFailedDrain } from './parking/failed-drain';
import { groupJudge } from './parking/group-judge';
import type { KeyFences } from './parking/key-fences';
import { noteSetAside, storeSetAside, tellSetAside } from './parking/set-aside';
import { TransactionalDrain } from './parking/transactional-drain';
import type { HandleOutcome, OpenContext, OpenOutcome, PartitionHandler } from './partition-handler';
import { PositionedPartition } from './positioned-partition';

export interface GroupPartitionOptions<Transaction> extends GroupPartitionPartsOptions<Transaction> {
  /** Calls the handlers, in order. Throws a RecordFailure that names the record. */
  readonly process: (tx: Transaction, records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
}

/**
 * One partition of a group whose handlers are transactional: group commits, and the ladder of failure. A record that still
 * fails after a few tries is parked and its key fenced, in the transaction that moves the position past it; later records of
 * that key queue behind it, and the queue is drained in order while all other keys flow.
 */
export class GroupPartition<Transaction> implements PartitionHandler {
  private readonly fences: KeyFences<Transaction>;
  private readonly partition: PositionedPartition<Transaction>;
  readonly queues: DrainLoop;
  private draining: Promise<void> | undefined;

  constructor(at: TopicPartition, options: GroupPartitionOptions<Transaction>) {
    const { group, ledger, process } = options;
    const parts = partsOf(at, options, () => this.partition.epoch);
    const { fences, prepare, observer } = parts;
    this.fences = fences;
    this.partition = new PositionedPartition<Transaction>(at, {
      ...positionOptionsOf(options),
      backoff: SERVERS_BACKOFF,
      judge: groupJudge(group, () => fences.refusal()),
      setAside: (tx, failure) => {
        noteSetAside(parts, failure);
        return storeSetAside(tx, parts, failure);
      },
      afterSetAside: (failure) => tellSetAside(parts, failure),
      ...{ prepare, observer },
      process: async (tx, records, signal) => {
        const free = await fences.letThrough(tx, records);
        if (free.length > 0) await process(tx, free, signal);
      },
    });
    const classify = (error: unknown) => ledger.classify(error);
    const drain = new TransactionalDrain<Transaction>({
      ...{ ...parts, classify, process },
      failed: (record, error) => noteFailedDrain(parts, record, error),
    });
    this.queues = queuesOf(parts, drain, options.deadLetters);
  }

  /** The first offset that is not done; it moves with each group commit. */
  get nextOffset(): bigint {
    return this.partition.nextOffset;
  }

  async open(context: OpenContext): Promise<OpenOutcome> {
    const outcome = await this.partition.open(context);
    if (outcome.kind !== 'open') return outcome;
    // Only the owner puts up fences, and the former one cannot any more: this is all of them.
    await this.fences.load();
    this.draining = this.queues.run(context.signal);
    return outcome;
  }

  async close(): Promise<void> {
    await this.partition.close();
    await this.draining;
  }

  handle(records: readonly LogRecord[], signal: AbortSignal): Promise<HandleOutcome> {
    return this.partition.handle(records, signal);
  }

  copied(nextOffset: bigint): Promise<void> {
    return this.partition.copied(nextOffset);
  }
}
