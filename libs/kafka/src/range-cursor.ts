import type { LogRecord, TopicPartition } from '@millrace/event';
import type { FetchedPartition } from './client-cluster';
import { logRecordOf } from './log-record-of';

/** A stretch of one partition: offsets from `from` up to, and without, `to`. */
export interface LogRange extends TopicPartition {
  readonly from: bigint;
  /** Where it ends; it may lie in a gap, or beyond the present end of the log. */
  readonly to?: bigint;
}

const ABORT_MARKER = Buffer.from([0, 0, 0, 0]);

/** How far one range has been read, and what of a broker's answers belongs to it. */
export class RangeCursor implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to fetch. */
  next: bigint;
  private end: bigint | undefined;
  /** The log goes on, and the last answer held nothing of it: the next request must be for this partition alone. */
  starved = false;

  constructor(
    range: LogRange,
    private readonly follow: boolean,
  ) {
    this.topic = range.topic;
    this.partition = range.partition;
    this.next = range.from;
    this.end = range.to;
  }

  get isDone(): boolean {
    return this.end !== undefined && this.next >= this.end;
  }

  /** The next answer decides where the range ends. */
  get awaitsEnd(): boolean {
    return this.end === undefined && !this.follow;
  }

  /**
   * The readable records of an answer: without markers, and without what was aborted. `alone`: the request was for this
   * partition alone, and a broker then gives one whole batch at least, however large it is.
   */
  take(fetched: FetchedPartition, alone: boolean): LogRecord[] {
    const readable = BigInt(fetched.lastStableOffset);
    if (this.awaitsEnd) this.end = readable;
    const records = committedRecords(fetched)
      .map((message) => logRecordOf(this, message))
      .filter(({ offset }) => offset >= this.next && (this.end === undefined || offset < this.end));
    const last = fetched.messages.at(-1)?.batchContext;
    if (last !== undefined) {
      // What compaction took from the end of a batch is passed with the batch.
      this.next = BigInt(last.firstOffset) + BigInt(last.lastOffsetDelta) + 1n;
      this.starved = false;
    } else if (readable > this.next && alone) {
      // A batch that compaction has emptied. kafkajs does not tell how many offsets it spans.
      this.next += 1n;
    } else {
      this.starved = readable > this.next;
    }
    return records;
  }
}

/**
 * kafkajs has a filter of its own, which takes any record whose key is four zero bytes for a marker, and learns of one
 * aborted transaction a record: where a fetch begins within two of them, it gives a record of the second one. This one
 * goes by batches, as Kafka's own client does.
 */
function committedRecords({ messages, abortedTransactions }: FetchedPartition): FetchedPartition['messages'] {
  const ahead = [...abortedTransactions].sort((a, b) =>
    BigInt(a.firstOffset) < BigInt(b.firstOffset) ? -1 : 1,
  );
  const aborted = new Set<string>();
  // An ordinary array: RisingRecords keeps all when it keeps the first.
  return [...messages].filter(({ batchContext, isControlRecord, key }) => {
    const { firstOffset, lastOffsetDelta, producerId, inTransaction } = batchContext;
    const lastOffset = ahead.length === 0 ? 0n : BigInt(firstOffset) + BigInt(lastOffsetDelta);
    while (ahead[0] !== undefined && BigInt(ahead[0].firstOffset) <= lastOffset) {
      aborted.add(ahead[0].producerId);
      ahead.shift();
    }
    if (!isControlRecord) return !(inTransaction && aborted.has(producerId));
    if (key?.equals(ABORT_MARKER) === true) aborted.delete(producerId);
    return false;
  });
}
