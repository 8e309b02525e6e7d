import type { TopicPartition } from '@millrace/event';

/** What the store remembers of the last record done, to recognise a topic that was made again. */
export interface Fingerprint {
  readonly timestampMs: number;
  readonly identity: string;
}

/** Where one reader stands in one partition. */
export interface StoredPosition {
  /** The first offset that is not done. */
  readonly nextOffset: bigint;
  /** Rises with every owner. */
  readonly epoch: bigint;
  /** How many partitions the topic had when this row was written. */
  readonly partitionCount: number;
  readonly last?: Fingerprint;
  /** The reader goes no further than this for now: records from here on wait until it is raised or lifted. */
  readonly stopAt?: bigint;
}

/** What a member asks for with a partition. */
export interface Claim {
  /** The epoch that it read; `undefined` when there was no row. */
  readonly previous: bigint | undefined;
  readonly start: bigint;
  readonly partitionCount: number;
  /** What Kafka has as the group's offset, where it is not a copy of ours: no move from now on. */
  readonly foundCopy?: bigint;
}

export interface Advance {
  readonly epoch: bigint;
  readonly from: bigint;
  readonly to: bigint;
  readonly last?: Fingerprint;
}

/** What an error of the store means for the work that met it. */
export type StoreFailure =
  /** The store cannot be reached: nothing is wrong with the records. */
  | 'unavailable'
  /** A serialisation failure or a deadlock: the same work may succeed at once. */
  | 'conflict'
  /** Anything else, the handler's own errors included. */
  | 'other';

/**
 * The positions of one reader (a group or a projection), kept where its effects are kept, so that both commit
 * together. Whoever holds the row's epoch owns the partition; a write under an older epoch changes nothing.
 */
export interface PositionLedger<Transaction> {
  /** Names the reader in errors, such as `group/delay-alerts`. */
  readonly reader: string;
  read(at: TopicPartition): Promise<StoredPosition | undefined>;
  /** How many partitions the topic had when the reader last stood in any of them; `undefined` when it never did. */
  knownPartitionCount(topic: string): Promise<number | undefined>;
  /**
   * Takes the partition: raises the epoch if it still is `previous`, or makes the row at `start` if there is
   * none. Gives the row as it is then, or `undefined` when somebody else was faster. The position in it may be
   * further than the one read before: the former owner may have committed until this very moment.
   */
  take(at: TopicPartition, claim: Claim): Promise<StoredPosition | undefined>;
  /**
   * Runs the effects and moves the position in one transaction: both or neither.
   * @throws FencedError when the row is not at (epoch, from) any more, StopReachedError when the row's stop lies
   *   before `to`; the effects then never ran.
   */
  commit(at: TopicPartition, advance: Advance, effects: (tx: Transaction) => Promise<void>): Promise<void>;
  classify(error: unknown): StoreFailure;
}
