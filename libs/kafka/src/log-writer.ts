import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import { fullJitterMs } from '@millrace/delivery';
import { partitionFor } from '@millrace/event';
import type { Position } from '@millrace/event';
import { Partitioners } from 'kafkajs';
import type { Admin, Kafka, Producer } from 'kafkajs';
import { TopicNotFoundError, WriteDeadlineError, WriterFullError } from './errors';
import { isUnknownTopic } from './log-bounds';
import { PartitionQueue } from './partition-queue';
import type { PendingRecord } from './partition-queue';
import { rootCause } from './write-failure';

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

/**
 * The way into the log. `append` resolves when the record is in the log on all in-sync replicas (acks=all), and
 * keeps the order of its calls within a key. A retried batch may lie in the log twice, in order; readers drop
 * repeats by identity. Safe to call concurrently; what waits is bounded.
 */
export class LogWriter {
  private readonly producer: Producer;
  private readonly admin: Admin;
  private readonly queues = new Map<string, PartitionQueue>();
  private readonly partitionCounts = new Map<string, number>();
  private readonly lookups = new Map<string, Promise<number>>();
  private readonly limits: { deadlineMs: number; records: number; bytes: number };
  private readonly batch: { records: number; bytes: number };
  private readonly closing = new AbortController();
  private pendingRecords = 0;
  private pendingBytes = 0;
  /** Counts the records without a key. */
  private turn = 0;
  private expiry: NodeJS.Timeout | undefined;
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
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: 0 },
    });
    this.admin = kafka.admin({ retry: { retries: 1, initialRetryTime: 100 } });
    this.limits = {
      deadlineMs: options.deadlineMs ?? 10_000,
      records: options.maxPendingRecords ?? 20_000,
      bytes: options.maxPendingBytes ?? 64 * 1024 * 1024,
    };
    this.batch = { records: options.maxBatchRecords ?? 1_000, bytes: options.maxBatchBytes ?? 900_000 };
  }

  /**
   * Writes one record and gives its place in the log.
   * @throws WriteDeadlineError with its outcome when the log did not acknowledge it in time.
   * @throws RecordRefusedError when the log can never take it. @throws TopicNotFoundError
   * @throws WriterFullError at once when too much is waiting already.
   */
  async append(record: RecordToWrite): Promise<Position> {
    const key = record.key === null ? null : Buffer.from(record.key);
    const sizeBytes =
      RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + record.value.length + headerBytes(record.headers);
    if (this.pendingRecords >= this.limits.records || this.pendingBytes + sizeBytes > this.limits.bytes) {
      throw new WriterFullError({ records: this.pendingRecords, bytes: this.pendingBytes });
    }
    this.pendingRecords += 1;
    this.pendingBytes += sizeBytes;
    const deadlineAt = performance.now() + this.limits.deadlineMs;
    // A known count keeps the order of calls without a turn of the event loop between them.
    const count = this.partitionCounts.get(record.topic);
    return new Promise<Position>((resolve, reject) => {
      const pending = {
        key,
        value: record.value,
        headers: record.headers,
        sizeBytes,
        deadlineAt,
        resolve,
        reject,
      };
      const enqueue = (partitions: number) => {
        const partition = key === null ? this.turn++ % partitions : partitionFor(key, partitions);
        this.queueFor(record.topic, partition).push(pending);
      };
      if (count !== undefined) return enqueue(count);
      this.partitionCount(record.topic, deadlineAt).then(
        (partitions) => {
          enqueue(partitions);
          // Known only from here on: set any earlier, a later call of the same key could overtake this one.
          this.partitionCounts.set(record.topic, partitions);
        },
        (error: unknown) => {
          this.settle(pending);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  /** Resolves when a broker answers a request now. @throws the client's error when none does. */
  async ping(): Promise<void> {
    await this.admin.connect();
    await this.admin.describeCluster();
  }

  /** Waits until everything appended before has its answer, then disconnects. */
  async close(): Promise<void> {
    await Promise.race([
      Promise.all([...this.queues.values()].map((queue) => queue.idle())),
      sleep(this.limits.deadlineMs, undefined, { ref: false }),
    ]);
    this.closing.abort();
    for (const queue of this.queues.values()) queue.close();
    clearInterval(this.expiry);
    await Promise.all([this.producer.disconnect(), this.admin.disconnect()]);
  }

  private queueFor(topic: string, partition: number): PartitionQueue {
    const name = `${topic}/${partition}`;
    let queue = this.queues.get(name);
    if (queue === undefined) {
      queue = new PartitionQueue({
        topic,
        partition,
        deadlineMs: this.limits.deadlineMs,
        maxBatchRecords: this.batch.records,
        maxBatchBytes: this.batch.bytes,
        send: (batch) => this.send(topic, partition, batch),
        backOff: (attempt) => this.backOff(attempt),
        onSettled: (record) => this.settle(record),
      });
      this.queues.set(name, queue);
      this.expiry ??= setInterval(() => this.expire(), 100).unref();
    }
    return queue;
  }

  private async send(topic: string, partition: number, batch: readonly PendingRecord[]): Promise<bigint> {
    try {
      await (this.connection ??= this.producer.connect());
      const messages = batch.map(({ key, value, headers }) => ({ key, value, headers, partition }));
      const [written] = await this.producer.send({ topic, acks: -1, messages });
      if (written?.baseOffset === undefined)
        throw new Error(`Kafka acknowledged ${topic}/${partition} without an offset`);
      return BigInt(written.baseOffset);
    } catch (error) {
      const cause = error instanceof Error ? rootCause(error) : error;
      this.options.log.warn(
        { topic, partition, records: batch.length, error: String(cause) },
        'send failed, trying again',
      );
      // The count may have changed, or the topic may have gone: ask again before the next record.
      this.partitionCounts.delete(topic);
      this.connection = undefined;
      throw error;
    }
  }

  /** Concurrent askers share one lookup, so their records keep the order of their calls. */
  private partitionCount(topic: string, deadlineAt: number): Promise<number> {
    let lookup = this.lookups.get(topic);
    if (lookup === undefined) {
      lookup = this.lookUpPartitionCount(topic, deadlineAt).finally(() => this.lookups.delete(topic));
      this.lookups.set(topic, lookup);
    }
    return lookup;
  }

  private async lookUpPartitionCount(topic: string, deadlineAt: number): Promise<number> {
    for (let attempt = 0; ; attempt++) {
      try {
        const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] });
        const count = topics[0]?.partitions.length ?? 0;
        if (count === 0) throw new TopicNotFoundError(topic);
        return count;
      } catch (error) {
        if (error instanceof TopicNotFoundError) throw error;
        if (isUnknownTopic(error)) throw new TopicNotFoundError(topic);
        if (performance.now() >= deadlineAt || this.closing.signal.aborted) {
          throw new WriteDeadlineError(topic, 'not-written', {
            deadlineMs: this.limits.deadlineMs,
            cause: error,
          });
        }
        await this.admin.connect().catch(() => undefined);
        await this.backOff(attempt);
      }
    }
  }

  /** Full jitter, so that the partitions of a broker that returns do not all come back at once. */
  private async backOff(attempt: number): Promise<void> {
    await sleep(fullJitterMs(attempt, RETRY), undefined, { signal: this.closing.signal }).catch(
      () => undefined,
    );
  }

  private expire(): void {
    const now = performance.now();
    for (const queue of this.queues.values()) queue.expire(now);
  }

  private settle(record: { readonly sizeBytes: number }): void {
    this.pendingRecords -= 1;
    this.pendingBytes -= record.sizeBytes;
  }
}

function headerBytes(headers: Record<string, Buffer | string>): number {
  let bytes = 0;
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}
