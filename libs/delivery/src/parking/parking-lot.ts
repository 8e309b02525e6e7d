import type { LogRecord, TopicPartition } from '@millrace/event';

/** Why a record was taken out of its partition's way. */
export interface ParkingReason {
  /**
   * `exhausted`: its tries were used up, those while its partition waited or all of them. `permanent`: the handler said that
   * trying again is of no use. `undecodable`: the record is no event that this process can read.
   */
  readonly kind: 'exhausted' | 'permanent' | 'undecodable';
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Tries so far. */
  readonly attempts: number;
}

/** A record that waits in the queue of its key; it reads as it lay in the log. */
export interface ParkedRecord extends LogRecord {
  readonly fence: string;
  /** Tries of it that have failed so far; 0 for one that only waited behind another. */
  readonly attempts: number;
}

/** What a drain did: nothing of it when its effects threw. */
export interface Drained {
  readonly records: number;
  /** Fences whose queue was found empty: their keys flow again. */
  readonly released: readonly string[];
}

/** What is parked of a partition. */
export interface Parked {
  readonly fences: readonly string[];
  /** That wait in queues. */
  readonly records: number;
  /** Of the values of all that is kept, dead letters included. */
  readonly bytes: number;
}

export interface DrainRequest {
  /** Of the partition's owner; a drain under another epoch finds nothing. */
  readonly epoch: bigint;
  /** Records at most. */
  readonly limit: number;
}

/**
 * Records that were taken out of their partition's way, and the fences of their keys: later records of a fenced key queue
 * behind it, in order. It lives where positions and effects live, so that they commit together.
 *
 * A fence is named by `fenceOf`. Whoever appends to a queue holds its fence, whoever takes a fence away locks it first, and a
 * queue is drained under the lock of its fence; so a record never lands in the queue of a fence that is gone, and two drains
 * never run the same record at once.
 */
export interface ParkingLot<Transaction> {
  /** What is parked of a partition. */
  read(at: TopicPartition): Promise<Parked>;
  /** Which of these fences still stand; those stay until the transaction ends. */
  hold(tx: Transaction, at: TopicPartition, fences: readonly string[]): Promise<readonly string[]>;
  /** Appends records to the queues of fences that are held. A record that is there already is left as it is. */
  queue(tx: Transaction, records: readonly LogRecord[]): Promise<void>;
  /** Parks a record and fences its key; a drain is due after `delayMs`. */
  park(tx: Transaction, record: LogRecord, reason: ParkingReason, delayMs: number): Promise<void>;
  /** Keeps a record as a dead letter. With `fence` its key stays fenced, and is not drained until somebody decides. */
  bury(tx: Transaction, record: LogRecord, reason: ParkingReason, fence: boolean): Promise<void>;
  /**
   * Takes records off the queues that are due, oldest first, in one transaction with their effects. Afterwards fences
   * without a queue are taken away.
   */
  drain(
    at: TopicPartition,
    request: DrainRequest,
    effects: (tx: Transaction, records: readonly ParkedRecord[]) => Promise<void>,
  ): Promise<Drained>;
  /**
   * Puts up fences that do not stand, due at once, and holds all of them until the transaction ends: for records that were told
   * to wait behind a fence that may have been taken away meanwhile.
   */
  ensure(tx: Transaction, at: TopicPartition, fences: readonly string[]): Promise<void>;
  /** Records of queues that are due, oldest first, those of one queue from its first on; they stay where they are. */
  due(at: TopicPartition, request: DrainRequest): Promise<readonly ParkedRecord[]>;
  /** Takes records off their queues that were handled. Fences without a queue are taken away. */
  finish(records: readonly ParkedRecord[], epoch: bigint): Promise<Drained>;
  /** Notes a failed try of the first record of a queue; the next one is due after `delayMs`. */
  postpone(
    record: ParkedRecord,
    epoch: bigint,
    next: { readonly reason: ParkingReason; readonly delayMs: number },
  ): Promise<void>;
  /** The first record of a queue becomes a dead letter. With `fence` its queue stands still, otherwise it goes on. */
  buryQueued(
    record: ParkedRecord,
    epoch: bigint,
    end: { readonly reason: ParkingReason; readonly fence: boolean },
  ): Promise<void>;
}

/** A dead letter with what is known of its last try. */
export interface DeadRecord extends LogRecord {
  readonly reason: ParkingReason;
  readonly failedAt: Date;
}

/** Dead letters that have no copy in the topic of their group yet. */
export interface UnpublishedDeadLetters {
  /** Oldest first; none under another epoch than the owner's. */
  unpublished(at: TopicPartition, request: DrainRequest): Promise<readonly DeadRecord[]>;
  /** `refused`: the broker will never take it. */
  notePublished(record: DeadRecord, copy: 'published' | 'refused'): Promise<void>;
}

/**
 * Names the fence that a record stands behind. Records of one key share it; a record without a key has one of its own,
 * because such records are never fenced together. Bytes as Latin-1 text: any key has a name, and no two share one.
 */
export function fenceOf(record: LogRecord): string {
  return record.key === null ? `o${record.offset}` : `k${record.key.toString('latin1')}`;
}
