import type { Logger } from '@millrace/contracts';
import type { LogRecord, TopicPartition } from '@millrace/event';
import type { Backoff } from './backoff';
import type { ConsumerGroup } from './consumer-group';
import { DeadLetterPublisher } from './dead-letter/dead-letter-publisher';
import type { DeadLetterPublisherOptions } from './dead-letter/dead-letter-publisher';
import { DrainLoop } from './parking/drain-loop';
import type { Drain } from './parking/drain-loop';
import { KeyFences } from './parking/key-fences';
import type { ParkingLot } from './parking/parking-lot';
import { noPartitionObserver } from './partition-observer';
import type { PartitionObserver } from './partition-observer';
import type { LogExtent, PartitionPositionOptions } from './partition-position';
import type { CopyCheck } from './position-copy';
import type { PositionLedger } from './position-ledger';

/** Waits for the store and the registry: both are looked for every few seconds at least. */
export const SERVERS_BACKOFF: Backoff = { initialMs: 200, maxMs: 5_000 };

/** The part of a group's dead letters that its partitions share. */
export type DeadLetterCopies = Pick<DeadLetterPublisherOptions, 'letters' | 'publish'>;

/** What a partition of a group is built from, be its handlers transactional or external. */
export interface GroupPartitionPartsOptions<Transaction> {
  readonly group: ConsumerGroup;
  readonly ledger: PositionLedger<Transaction>;
  readonly lot: ParkingLot<Transaction>;
  /** Notices when somebody moves the group's committed offset in Kafka. Default: nobody looks at it. */
  readonly copies?: CopyCheck;
  readonly readExtent: (at: TopicPartition) => Promise<LogExtent>;
  /** The first offset whose record is at or after a time, or the log's end. */
  readonly offsetAt: (at: TopicPartition, timeMs: number) => Promise<bigint>;
  /** Whatever must be fetched before the records can be processed; it runs outside any transaction. */
  readonly prepare: (records: readonly LogRecord[]) => Promise<void>;
  readonly log: Logger;
  /** The topic of the group's dead letters. Default: they are kept without a copy. */
  readonly deadLetters?: DeadLetterCopies;
  /** Hears what becomes of the records. Default: nobody does. */
  readonly observer?: PartitionObserver;
}

/** What those share who take records of one partition out of the way, and who drain them. */
export interface GroupPartitionParts<Transaction> {
  readonly at: TopicPartition;
  readonly group: ConsumerGroup;
  readonly lot: ParkingLot<Transaction>;
  readonly fences: KeyFences<Transaction>;
  /** Of the partition's owner. */
  readonly epoch: () => bigint;
  /** As for records that come from the log. */
  readonly prepare: (records: readonly LogRecord[]) => Promise<void>;
  readonly log: Logger;
  readonly observer: PartitionObserver;
}

/** The parts of a partition that nobody has opened yet: its fences are not loaded. */
export function partsOf<Transaction>(
  at: TopicPartition,
  options: GroupPartitionPartsOptions<Transaction>,
  epoch: () => bigint,
): GroupPartitionParts<Transaction> {
  const { group, lot, prepare, log, observer = noPartitionObserver } = options;
  return { at, group, lot, fences: new KeyFences(at, lot, group.parking), epoch, prepare, log, observer };
}

/** The options of its position, as the group declares them. */
export function positionOptionsOf<Transaction>(
  options: GroupPartitionPartsOptions<Transaction>,
): PartitionPositionOptions<Transaction> {
  const { group, ledger, copies, readExtent, offsetAt } = options;
  return {
    ...{ ledger, readExtent, offsetAt, start: group.start },
    ...(copies === undefined ? {} : { copies }),
    repeatsWithin: BigInt(group.repeatsWithinOffsets),
  };
}

/** The loop that drains the queues of its keys with `drain`, and copies its dead letters to their topic if there is one. */
export function queuesOf<Transaction>(
  { at, group, fences, epoch, log }: GroupPartitionParts<Transaction>,
  drain: Drain,
  deadLetters: DeadLetterCopies | undefined,
): DrainLoop {
  const drains = [drain];
  if (deadLetters !== undefined) {
    drains.push(new DeadLetterPublisher(at, { ...deadLetters, group: group.name, epoch, log }));
  }
  return new DrainLoop(at, { drains, reload: () => fences.load(), log });
}
