import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import { fullJitterMs } from '@millrace/delivery';
import type { Position } from '@millrace/event';
import { Partitioners } from 'kafkajs';
import type { Admin, Kafka, Producer } from 'kafkajs';
import { TopicNotFoundError, WriterClosedError, WriterFullError } from './errors';
import { isUnknownTopic } from './log-bounds';
import type { PendingRecord } from './pending-record';
import { TopicQueues } from './topic-queues';
import { isWithoutAnswer, rootCause } from './write-failure';

export interface LogWriterOptions {
  /** A caller has its answer after this time at the latest. Default 10,000 ms. */
  readonly deadlineMs?: number;
  /** Default 1,000 records: kafkajs groups a send's records in quadratic time. */
  readonly maxBatchRecords?: number;
  /** Default 900,000 bytes: below the brokers' default max.message.bytes. */
  readonly maxBatchBytes?: number;
  /** Records that may wait in all. Default 20,000. */
  readonly maxPendingRecords?: number;
  /** Bytes that may wait in all. Default 64 MiB. */
  readonly maxPendingBytes?: number;
  readonly log: Logger;
}

export interface RecordToWrite {
  readonly topic: string;
  /** The event key; its bytes choose the partition. Records without one take the partitions in turn. */
  readonly key: string | null;
  readonly value: Buffer;
  readonly headers: Record<string, Buffer | string>;
}

const RECORD_OVERHEAD_BYTES = 100;
const RETRY = { initialMs: 50, maxMs: 2_000 };
const EXPIRE_EVERY_MS = 100;
/**
 * Where kafkajs does not know a partition yet, it sends nothing and says nothing: what is routed to one that was added has
 * to wait until it looks again. Its own 5 minutes are longer than any deadline.
 */
const METADATA_MAX_AGE_MS = 5_000;
/** What a broker that does not answer may cost a stop. */
const DISCONNECT_MS = 500;

/**
 * The way into the log. `append` resolves when the record is in the log on all in-sync replicas (acks=all), and
 * keeps the order of its calls within a key. A retried batch may lie in the log twice, in order; readers drop
 * repeats by identity. Safe to call concurrently; what waits is bounded.
 */
export class LogWriter {
  private readonly producer: Producer;
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
  private readonly waitingForRoom: (() => void)[] = [];
  /** Made anew after every failed send: kafkajs's own retries are off. */
  private connection: Promise<void> | undefined;

  constructor(
    kafka: Kafka,
    private readonly options: LogWriterOptions,
  ) {
    // Not idempotent: kafkajs rolls a failed send's sequence back, and the send after it would reuse the number
    // and be dropped by the broker as a duplicate although it is new. See docs/adr/0001.
    this.producer = kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: 0 },
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
  async append(record: RecordToWrite): Promise<Position> {
    const key = record.key === null ? null : Buffer.from(record.key);
    const { topic, value, headers } = record;
    const sizeBytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + value.length + headerBytes(headers);
    if (this.closed) throw new WriterClosedError(topic);
    if (this.pendingRecords >= this.limits.records || this.pendingBytes + sizeBytes > this.limits.bytes) {
      throw new WriterFullError({ records: this.pendingRecords, bytes: this.pendingBytes });
    }
    this.pendingRecords += 1;
    this.pendingBytes += sizeBytes;
    const deadlineAt = performance.now() + this.limits.deadlineMs;
    return new Promise<Position>((resolve, reject) => {
      this.queuesOf(topic).push({ key, value, headers, sizeBytes, deadlineAt, resolve, reject });
    });
  }

  /**
   * Undefined when much more could be appended; otherwise a promise that resolves when that is so again. For
   * those who can wait instead of being refused, such as a stream.
   */
  room(): Promise<void> | undefined {
    if (this.hasRoom()) return undefined;
    return new Promise((resolve) => this.waitingForRoom.push(resolve));
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
    const disconnected = Promise.allSettled([this.producer.disconnect(), this.admin.disconnect()]);
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
        connect: () => this.connect(),
        send: (partition, batch) => this.send(topic, partition, batch),
        backOff: (attempt) => this.backOff(attempt),
        onSettled: (record) => this.settle(record),
      });
      this.topics.set(topic, queues);
    }
    return queues;
  }

  private async connect(): Promise<void> {
    const connection = (this.connection ??= this.producer.connect());
    try {
      await connection;
    } catch (error) {
      if (this.connection === connection) this.connection = undefined;
      throw error;
    }
  }

  private async send(topic: string, partition: number, batch: readonly PendingRecord[]): Promise<bigint> {
    const { connection } = this;
    try {
      const messages = batch.map(({ key, value, headers }) => ({ key, value, headers, partition }));
      const [written] = await this.producer.send({ topic, acks: -1, messages });
      if (written?.baseOffset === undefined)
        throw new Error(`Kafka acknowledged ${topic}/${partition} without an offset`);
      return BigInt(written.baseOffset);
    } catch (error) {
      const cause = error instanceof Error ? rootCause(error) : error;
      this.options.log.warn({ topic, partition, records: batch.length, error: String(cause) }, 'send failed');
      // The count may have changed, or the topic may have gone: ask again before the next record.
      this.topics.get(topic)?.forgetPartitions();
      // Another partition may have made a new connection by now.
      if (this.connection === connection) {
        this.connection = isWithoutAnswer(cause) ? this.reconnect() : undefined;
      }
      throw error;
    }
  }

  /**
   * kafkajs keeps a connection on which a request had no answer, and would send on it for as long as the system takes to
   * give a dead peer up: minutes. A new one does not wait for that.
   */
  private reconnect(): Promise<void> {
    const connection = this.producer
      .disconnect()
      .catch(() => undefined)
      .then(() => this.producer.connect());
    // Whoever sends next waits for it, and hears of its failure.
    connection.catch(() => undefined);
    return connection;
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
    if (this.waitingForRoom.length > 0 && this.hasRoom()) {
      for (const resume of this.waitingForRoom.splice(0)) resume();
    }
  }

  private hasRoom(): boolean {
    const { records, bytes } = this.limits;
    return this.pendingRecords <= records / 2 && this.pendingBytes <= bytes / 2;
  }
}

function headerBytes(headers: Record<string, Buffer | string>): number {
  let bytes = 0;
  for (const name in headers) bytes += name.length + Buffer.byteLength(headers[name] ?? '');
  return bytes;
}
