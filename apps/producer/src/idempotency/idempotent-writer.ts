import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger, TopicDefinition } from '@millrace/contracts';
import { identityOf } from '@millrace/event';
import type { EventAttributes, Position } from '@millrace/event';
import { WaitingRoom, WriterClosedError, WriterFullError } from '@millrace/kafka';
import type { createKafkaClient, KafkaCluster, LogWriter, RecordToWrite } from '@millrace/kafka';
import { ReservationStore, RetentionJob } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import type { RegistryClient } from '@millrace/schema-registry';
import type { WriteLimits } from '../create-write-path';
import { reservationOf } from './digests';
import { IdempotencyUnavailableError } from './errors';
import { findInLog } from './find-in-log';
import { IdempotencyStart } from './idempotency-start';
import { IdempotentTopic } from './idempotent-topic';
import type { OnceWriter } from './once-writer';
import { PendingEvent } from './pending-event';

export interface IdempotentWriterOptions {
  /** Those of a catalogue that have a window. */
  readonly topics: readonly TopicDefinition[];
  readonly database: Database;
  readonly kafka: ReturnType<typeof createKafkaClient>;
  readonly cluster: KafkaCluster;
  readonly registry: RegistryClient;
  /** It must be sequenced. Like the database and the cluster it belongs to this object from now on. */
  readonly writer: LogWriter;
  readonly limits: WriteLimits;
  readonly log: Logger;
}

const EVENT_OVERHEAD_BYTES = 500;
const EXPIRE_EVERY_MS = 100;
/** Of a stop, what storing the last positions may take. */
const STORE_MS = 1_000;
/** Of a stop, what a server that does not answer may take. */
const DISCONNECT_MS = 500;

/**
 * The way into the log for topics with an idempotency window: an event is reserved in PostgreSQL, then written, then its
 * position is stored. The answer is given as soon as the log has it: a position that was not stored is found again by
 * reading the log (docs/adr/0015). Keeps the order of its calls within a key. What waits is bounded.
 */
export class IdempotentWriter implements OnceWriter {
  private readonly topics: ReadonlyMap<string, IdempotentTopic>;
  private readonly preparation: IdempotencyStart;
  private readonly retention: RetentionJob;
  private readonly closing = new AbortController();
  private readonly expiry: NodeJS.Timeout;
  private readonly pending = new Map<PendingEvent, IdempotentTopic>();
  private pendingBytes = 0;
  private lastCallAt = Number.POSITIVE_INFINITY;
  private readonly waitingRoom = new WaitingRoom(() => this.hasRoom());

  constructor(private readonly options: IdempotentWriterOptions) {
    const { topics, database, cluster, registry, limits, log, writer } = options;
    const names = topics.map(({ name }) => name);
    const stores = topics.map(
      ({ name, idempotency }) => new ReservationStore(database, name, idempotency?.windowMs ?? 0),
    );
    this.topics = new Map(
      names.map((topic, index) => {
        const store = stores[index] as ReservationStore;
        const readLog = findInLog(options, topic);
        return [
          topic,
          new IdempotentTopic({
            topic,
            store,
            writer,
            readLog,
            timeoutMs: limits.timeoutMs,
            onStored: () => this.waitingRoom.left(),
            log,
          }),
        ];
      }),
    );
    this.preparation = new IdempotencyStart({ topics: names, database, cluster, registry, log });
    this.retention = new RetentionJob(stores, { what: 'reservations', log });
    this.expiry = setInterval(() => this.expire(), EXPIRE_EVERY_MS).unref();
  }

  /** Brings the database up to date and checks the topics, again and again until it is done. Until then nothing is taken. */
  start(): Promise<void> {
    return this.preparation.run(this.closing.signal);
  }

  async unavailable(): Promise<string | undefined> {
    if (this.preparation.reason !== undefined) return this.preparation.reason;
    try {
      await this.options.database.query('SELECT 1');
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  covers(topic: string): boolean {
    return this.topics.has(topic);
  }

  /**
   * Writes one event and gives its place in the log: that of its first sending, if it was sent before within the window.
   * @throws EventIdReusedError when that one had other content. @throws EventUnsettledError when its outcome stays open.
   * @throws IdempotencyUnavailableError when it could not be reserved. @throws WriterFullError, WriterClosedError
   * @throws what `LogWriter.append` does.
   */
  async append(record: RecordToWrite, attributes: EventAttributes): Promise<Position> {
    const { timeoutMs, events, bytes } = this.options.limits;
    const topic = this.topics.get(record.topic);
    if (topic === undefined) throw new RangeError(`${record.topic} has no idempotency window`);
    if (this.closing.signal.aborted) throw new WriterClosedError(record.topic);
    const { reason } = this.preparation;
    if (reason !== undefined) throw new IdempotencyUnavailableError(record.topic, reason);
    const sizeBytes = EVENT_OVERHEAD_BYTES + record.value.length + (record.key?.length ?? 0);
    const held = this.heldEvents;
    if (held >= events || this.pendingBytes + sizeBytes > bytes) {
      throw new WriterFullError({ records: held, bytes: this.pendingBytes });
    }
    const limits = { sizeBytes, deadlineAt: performance.now() + timeoutMs };
    const event = new PendingEvent(record, reservationOf(record, attributes), identityOf(attributes), limits);
    this.pending.set(event, topic);
    this.pendingBytes += sizeBytes;
    try {
      return await topic.push(event);
    } finally {
      this.settle(event);
    }
  }

  room(): Promise<void> | undefined {
    return this.waitingRoom.room();
  }

  answerAllWithin(withinMs: number): void {
    this.lastCallAt = Math.min(this.lastCallAt, performance.now() + withinMs);
    this.options.writer.answerAllWithin(withinMs);
  }

  /** Waits until everything that was taken has its answer, stores what is not stored, and closes the connections. */
  async close(): Promise<void> {
    this.closing.abort();
    while (this.pending.size > 0) await sleep(10);
    clearInterval(this.expiry);
    const { writer, cluster, database } = this.options;
    await Promise.all([...this.topics.values()].map((topic) => topic.close(STORE_MS)));
    await Promise.all([this.retention.stop(), writer.close()]);
    const disconnected = Promise.allSettled([cluster.close(), database.end()]);
    await Promise.race([disconnected, sleep(DISCONNECT_MS, undefined, { ref: false })]);
  }

  private expire(): void {
    const now = performance.now();
    for (const [event, topic] of this.pending) {
      if (event.limits.deadlineAt <= now || this.lastCallAt <= now) topic.expire(event);
    }
  }

  private settle(event: PendingEvent): void {
    this.pending.delete(event);
    this.pendingBytes -= event.limits.sizeBytes;
    this.waitingRoom.left();
  }

  /** With those that are in the log and not stored: nobody waits for them, and they must not become more and more. */
  private get heldEvents(): number {
    let held = this.pending.size;
    for (const topic of this.topics.values()) held += topic.unstored;
    return held;
  }

  private hasRoom(): boolean {
    const { events, bytes } = this.options.limits;
    return this.heldEvents <= events / 2 && this.pendingBytes <= bytes / 2;
  }
}
