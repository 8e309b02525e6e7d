import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import { fullJitterMs } from '@millrace/delivery';
import type { Position, RawHeader } from '@millrace/event';
import type { Admin, Kafka } from 'kafkajs';
import { TopicNotFoundError, WriterClosedError, WriterFullError } from './errors';
import { isUnknownTopic } from './log-bounds';
import type { PendingRecord } from './pending-record';
import { BatchSender } from './produce/batch-sender';
import { encodeHeaders, encodeRawHeaders, encodeSharedHeaders, NO_HEADERS } from './produce/encoded-headers';
import type { Headers } from './produce/encoded-headers';
import { TopicQueues } from './topic-queues';
import { WaitingRoom } from './waiting-room';
import { rootCause } from './write-failure';

export interface LogWriterOptions {
  /** A caller has its answer after this time at the latest. Default 10,000 ms. */
  readonly deadlineMs?: number;
  /** Default 1,000 records. */
  readonly maxBatchRecords?: number;
  /** Default 900,000 bytes: below the brokers' default max.message.bytes. */
  readonly maxBatchBytes?: number;
  /** Records that may wait in all. Default 20,000. */
  readonly maxPendingRecords?: number;
  /** Bytes that may wait in all. Default 64 MiB. */
  readonly maxPendingBytes?: number;
  /**
   * True: each batch has numbers by which the broker knows it again, so that a batch that is sent again because its answer
   * was lost lies in the log once. Default false: it may lie there twice, in order.
   */
  readonly sequenced?: boolean;
  readonly log: Logger;
}

export interface RecordToWrite {
  readonly topic: string;
  /** The event key; its bytes choose the partition. Records without one take the partitions in turn. */
  readonly key: string | null;
  readonly value: Buffer;
  readonly headers: Headers;
  /** Headers before those, in one object for all the records that have them: it is encoded once, and must never change. */
  readonly sharedHeaders?: Headers;
  /** The record's own time in milliseconds since 1970. Default: the present. */
  readonly timestampMs?: number;
  /** When its caller has its answer at the latest, in `performance.now()` time. Default: after the writer's `deadlineMs`. */
  readonly deadlineAt?: number;
}

/** A record that is bytes already, such as the copy of another one. They must not change until it is written. */
export interface RawRecordToWrite extends Pick<RecordToWrite, 'topic' | 'timestampMs' | 'deadlineAt'> {
  /** Its bytes choose the partition. Records without one take the partitions in turn. */
  readonly key: Buffer | null;
  /** `null` is a tombstone. */
  readonly value: Buffer | null;
  /** Written in this order, repeated names and `null` values included. */
  readonly rawHeaders: readonly RawHeader[];
}

const RECORD_OVERHEAD_BYTES = 100;
const RETRY = { initialMs: 50, maxMs: 2_000 };
const EXPIRE_EVERY_MS = 100;
/** What a broker that does not answer may cost a stop. */
const DISCONNECT_MS = 500;

/**
 * The way into the log. `append` resolves when the record is in the log on all in-sync replicas (acks=all), and
 * keeps the order of its calls within a key. A retried batch may lie in the log twice, in order; readers drop
 * repeats by identity. Safe to call concurrently; what waits is bounded.
 */
export class LogWriter {
  private readonly sender: BatchSender;
  private readonly admin: Admin;
  private readonly topics = new Map<string, TopicQueues>();
  private readonly limits: { deadlineMs: number; records: number; bytes: number };
  private readonly closing = new AbortController();
  private readonly expiry: NodeJS.Timeout;
  private pendingRecords = 0;
  private pendingBytes = 0;
  private closed = false;
  /** From then on nobody is kept waiting, in `performance.now()` time. */
  private lastCallAt = Number.POSITIVE_INFINITY;
  private readonly waitingRoom = new WaitingRoom(() => this.hasRoom());

  constructor(
    kafka: Kafka,
    private readonly options: LogWriterOptions,
  ) {
    this.sender = new BatchSender(kafka, {
      onPartitionsChanged: (topic) => this.topics.get(topic)?.forgetPartitions(),
      sequenced: options.sequenced ?? false,
    });
    this.admin = kafka.admin({ retry: { retries: 1, initialRetryTime: 100 } });
    this.limits = {
      deadlineMs: options.deadlineMs ?? 10_000,
      records: options.maxPendingRecords ?? 20_000,
      bytes: options.maxPendingBytes ?? 64 * 1024 * 1024,
    };
    this.expiry = setInterval(() => this.expire(), EXPIRE_EVERY_MS).unref();
  }

  /**
   * Writes one record and gives its place in the log.
   * @throws WriteDeadlineError with its outcome when the log did not acknowledge it in time.
   * @throws RecordRefusedError when the log can never take it. @throws TopicNotFoundError
   * @throws WriterFullError at once when too much is waiting already. @throws WriterClosedError
   */
  append(record: RecordToWrite | RawRecordToWrite): Promise<Position> {
    const { topic, value } = record;
    const key = typeof record.key === 'string' ? Buffer.from(record.key) : record.key;
    const isRaw = 'rawHeaders' in record;
    const headers = isRaw ? encodeRawHeaders(record.rawHeaders) : encodeHeaders(record.headers);
    const sharedHeaders = isRaw ? NO_HEADERS : encodeSharedHeaders(record.sharedHeaders);
    const headerBytes = headers.bytes.length + sharedHeaders.bytes.length;
    const sizeBytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0) + headerBytes;
    if (this.closed) return Promise.reject(new WriterClosedError(topic));
    if (this.pendingRecords >= this.limits.records || this.pendingBytes + sizeBytes > this.limits.bytes) {
      const waiting = { records: this.pendingRecords, bytes: this.pendingBytes };
      return Promise.reject(new WriterFullError(waiting));
    }
    this.pendingRecords += 1;
    this.pendingBytes += sizeBytes;
    const deadlineAt = record.deadlineAt ?? performance.now() + this.limits.deadlineMs;
    const timestampMs = record.timestampMs ?? Date.now();
    return new Promise<Position>((resolve, reject) => {
      this.queuesOf(topic).push({
        key,
        value,
        sharedHeaders,
        headers,
        timestampMs,
        sizeBytes,
        deadlineAt,
        resolve,
        reject,
      });
    });
  }

  /**
   * Undefined when much more could be appended; otherwise a promise that resolves when that is so again. For
   * those who can wait instead of being refused, such as a stream.
   */
  room(): Promise<void> | undefined {
    return this.waitingRoom.room();
  }

  /** Resolves when a broker answers a request now. @throws the client's error when none does. */
  async ping(): Promise<void> {
    await this.admin.connect();
    await this.admin.describeCluster();
  }

  /** Shortens every deadline, present and to come: for a stop that has only so much time. */
  answerAllWithin(withinMs: number): void {
    this.lastCallAt = Math.min(this.lastCallAt, performance.now() + withinMs);
  }

  /** Waits until everything appended before has its answer, then disconnects. Nothing is taken any more. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.pendingRecords > 0) await sleep(10);
    this.closing.abort();
    for (const queues of this.topics.values()) queues.close();
    clearInterval(this.expiry);
    const disconnected = Promise.allSettled([this.sender.close(), this.admin.disconnect()]);
    await Promise.race([disconnected, sleep(DISCONNECT_MS, undefined, { ref: false })]);
  }

  private queuesOf(topic: string): TopicQueues {
    let queues = this.topics.get(topic);
    if (queues === undefined) {
      queues = new TopicQueues({
        topic,
        deadlineMs: this.limits.deadlineMs,
        maxBatchRecords: this.options.maxBatchRecords ?? 1_000,
        maxBatchBytes: this.options.maxBatchBytes ?? 900_000,
        countPartitions: () => this.countPartitions(topic),
        connect: (partition) => this.sender.connect(topic, partition),
        send: (partition, batch) => this.send(topic, partition, batch),
        backOff: (attempt) => this.backOff(attempt),
        onSettled: (record) => this.settle(record),
      });
      this.topics.set(topic, queues);
    }
    return queues;
  }

  private async send(topic: string, partition: number, batch: readonly PendingRecord[]): Promise<bigint> {
    try {
      return await this.sender.send(topic, partition, batch);
    } catch (error) {
      const cause = error instanceof Error ? rootCause(error) : error;
      this.options.log.warn({ topic, partition, records: batch.length, error: String(cause) }, 'send failed');
      // The count may have changed, or the topic may have gone: ask again before the next record.
      this.topics.get(topic)?.forgetPartitions();
      throw error;
    }
  }

  private async countPartitions(topic: string): Promise<number> {
    try {
      await this.admin.connect();
      const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] });
      const count = topics[0]?.partitions.length ?? 0;
      if (count > 0) return count;
    } catch (error) {
      if (!isUnknownTopic(error)) throw error;
    }
    throw new TopicNotFoundError(topic);
  }

  /** Full jitter, so that the partitions of a broker that returns do not all come back at once. */
  private async backOff(attempt: number): Promise<void> {
    const waitMs = fullJitterMs(attempt, RETRY);
    await sleep(waitMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
  }

  private expire(): void {
    const now = performance.now();
    const until = now < this.lastCallAt ? now : Number.POSITIVE_INFINITY;
    for (const queues of this.topics.values()) queues.expire(until);
  }

  private settle(record: PendingRecord): void {
    this.pendingRecords -= 1;
    this.pendingBytes -= record.sizeBytes;
    this.waitingRoom.left();
  }

  private hasRoom(): boolean {
    const { records, bytes } = this.limits;
    return this.pendingRecords <= records / 2 && this.pendingBytes <= bytes / 2;
  }
}
