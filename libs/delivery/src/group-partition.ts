import type { Logger } from '@millrace/contracts';
import type { LogRecord, TopicPartition } from '@millrace/event';
import type { ConsumerGroup } from './consumer-group';
import { DeadLetterPublisher } from './dead-letter/dead-letter-publisher';
import type { DeadLetterPublisherOptions } from './dead-letter/dead-letter-publisher';
import { noPartitionObserver } from './delivery-observer';
import type { PartitionObserver } from './delivery-observer';
import type { EffectFailure } from './effect-failure';
import { DrainLoop } from './parking/drain-loop';
import type { Drain } from './parking/drain-loop';
import { drainDelayMs, groupJudge, isPermanent, reasonFor } from './parking/group-judge';
import { KeyFences } from './parking/key-fences';
import type { ParkingLot } from './parking/parking-lot';
import { TransactionalDrain } from './parking/transactional-drain';
import type { HandleOutcome, OpenContext, OpenOutcome, PartitionHandler } from './partition-handler';
import type { LogExtent } from './partition-position';
import type { CopyCheck } from './position-copy';
import type { PositionLedger } from './position-ledger';
import { PositionedPartition } from './positioned-partition';

export interface GroupPartitionOptions<Transaction> {
  readonly group: ConsumerGroup;
  readonly ledger: PositionLedger<Transaction>;
  readonly lot: ParkingLot<Transaction>;
  /** Notices when somebody moves the group's committed offset in Kafka. Default: nobody looks at it. */
  readonly copies?: CopyCheck;
  readonly readExtent: (at: TopicPartition) => Promise<LogExtent>;
  /** The first offset whose record is at or after a time, or the log's end. */
  readonly offsetAt: (at: TopicPartition, timeMs: number) => Promise<bigint>;
  readonly prepare: (records: readonly LogRecord[]) => Promise<void>;
  /** Calls the handlers, in order. Throws a RecordFailure that names the record. */
  readonly process: (tx: Transaction, records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
  /** The topic of the group's dead letters. Default: they are kept without a copy. */
  readonly deadLetters?: Pick<DeadLetterPublisherOptions, 'letters' | 'publish'>;
  /** Hears what becomes of the records. Default: nobody does. */
  readonly observer?: PartitionObserver;
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

  constructor(
    private readonly at: TopicPartition,
    private readonly options: GroupPartitionOptions<Transaction>,
  ) {
    const {
      group,
      ledger,
      lot,
      copies,
      prepare,
      process,
      log,
      observer = noPartitionObserver,
      deadLetters,
    } = options;
    this.fences = new KeyFences(at, lot, group.parking);
    this.partition = new PositionedPartition<Transaction>(at, {
      ...(copies === undefined ? {} : { copies }),
      ...{ ledger, prepare, readExtent: options.readExtent, offsetAt: options.offsetAt, start: group.start },
      repeatsWithin: BigInt(group.repeatsWithinOffsets),
      // Of the store and the registry; both are looked for every few seconds at least.
      backoff: { initialMs: 200, maxMs: 5_000 },
      judge: groupJudge(group, () => this.fences.refusal()),
      setAside: (tx, failure) => this.setAside(tx, failure),
      afterSetAside: ({ error }) => (isPermanent(error) ? observer.dead() : observer.parked()),
      observer,
      process: async (tx, records, signal) => {
        const free = await this.fences.letThrough(tx, records);
        if (free.length > 0) await process(tx, free, signal);
      },
    });
    const drain = new TransactionalDrain<Transaction>(at, {
      ...{ group, lot, fences: this.fences, epoch: () => this.partition.epoch },
      ...{ classify: (error) => ledger.classify(error), prepare, process, log, observer },
    });
    const drains: Drain[] = [drain];
    if (deadLetters !== undefined) {
      const of = { group: group.name, epoch: () => this.partition.epoch, log };
      drains.push(new DeadLetterPublisher(at, { ...of, ...deadLetters }));
    }
    this.queues = new DrainLoop(at, { drains, reload: () => this.fences.load(), log });
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

  private async setAside(tx: Transaction, failure: EffectFailure): Promise<void> {
    const { group, lot, log } = this.options;
    const { record, attempt } = failure;
    const reason = reasonFor(failure);
    const isDead = isPermanent(failure.error);
    const isFenced = !isDead || group.deadKey === 'fence';
    this.fences.setAside(record, isFenced);
    if (isDead) await lot.bury(tx, record, reason, isFenced);
    else await lot.park(tx, record, reason, drainDelayMs(group, attempt));
    const place = { ...this.at, offset: String(record.offset), attempts: attempt, error: reason.message };
    log.warn(
      { group: group.name, ...place },
      isDead ? 'a record became a dead letter' : 'a record is parked, and its key fenced',
    );
  }
}
