import type { Logger } from '@millrace/contracts';
import type { PartitionHandlerFactory } from '@millrace/delivery';
import { formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import type { Batch, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { AssignedPartition } from './assigned-partition';
import type { PartitionStatus } from './assigned-partition';
import { KafkaLogRecord } from './kafka-log-record';

export interface GroupReaderOptions {
  /** Kafka's consumer group. */
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly handlerFor: PartitionHandlerFactory;
  readonly log: Logger;
  /** A member that is silent for so long loses its partitions. Default 30,000 ms. */
  readonly sessionTimeoutMs?: number;
  /** Default 1,000 ms. */
  readonly heartbeatIntervalMs?: number;
  /** Records handed to a handler at once. Default 1,000. */
  readonly maxRecords?: number;
  /** Partitions handled at once. Default 3. */
  readonly concurrency?: number;
}

export interface GroupReaderStatus {
  readonly state: 'starting' | 'joined' | 'rejoining' | 'stopped';
  /** Why it is not joined. */
  readonly reason?: string;
  readonly partitions: readonly PartitionStatus[];
}

const COPY_INTERVAL_MS = 5_000;
const REVIVE_AFTER_MS = 1_000;

/**
 * A member of a consumer group. Kafka says which partitions this member holds; where each one starts, and that
 * its work is done, the partition's handler says. Kafka's committed offset is a copy, written every few seconds
 * for tools, and never read.
 *
 * On every assignment all partitions are paused before the first fetch; each is opened, sought and resumed on
 * its own. A partition that holds or halts never keeps another from being read.
 */
export class GroupReader {
  private consumer: Consumer | undefined;
  private readonly partitions = new Map<string, AssignedPartition>();
  private readonly copied = new Map<string, bigint>();
  private state: GroupReaderStatus['state'] = 'starting';
  private reason: string | undefined;
  private copyTimer: NodeJS.Timeout | undefined;
  private reviveTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly options: GroupReaderOptions,
  ) {}

  get status(): GroupReaderStatus {
    const partitions = [...this.partitions.values()].map((partition) => partition.status);
    return { state: this.state, partitions, ...(this.reason === undefined ? {} : { reason: this.reason }) };
  }

  /** Begins to join, and goes on trying until `stop`; does not wait for the first assignment. */
  start(): void {
    this.copyTimer = setInterval(() => void this.copyPositions(), COPY_INTERVAL_MS);
    this.join();
  }

  /** Copies the positions, lets running handlers finish, and leaves the group, so that others take over at once. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    clearInterval(this.copyTimer);
    clearTimeout(this.reviveTimer);
    await this.copyPositions();
    this.closePartitions();
    await this.consumer?.stop().catch(() => undefined);
    await this.consumer?.disconnect().catch(() => undefined);
  }

  private join(): void {
    const consumer = this.kafka.consumer({
      groupId: this.options.groupId,
      sessionTimeout: this.options.sessionTimeoutMs ?? 30_000,
      rebalanceTimeout: this.options.sessionTimeoutMs ?? 30_000,
      heartbeatInterval: this.options.heartbeatIntervalMs ?? 1_000,
      maxWaitTimeInMs: 250,
      maxBytesPerPartition: 1_048_576,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: 5 },
    });
    this.consumer = consumer;
    const { GROUP_JOIN, HEARTBEAT, CRASH, REBALANCING } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => this.assign(payload.memberAssignment));
    consumer.on(HEARTBEAT, () => this.partitions.forEach((partition) => partition.confirmed()));
    consumer.on(REBALANCING, () => this.lose('the group is rebalancing'));
    consumer.on(CRASH, ({ payload }) => {
      this.lose(payload.error.message);
      if (!payload.restart) this.revive(payload.error);
    });
    void this.run(consumer);
  }

  private async run(consumer: Consumer): Promise<void> {
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: this.options.concurrency ?? 3,
        eachBatch: (payload) => this.handleBatch(payload),
      });
    } catch (error) {
      this.revive(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** kafkajs stops for good after errors that it calls not retriable; a member of ours never gives up. */
  private revive(error: Error): void {
    if (this.state === 'stopped') return;
    this.lose(error.message);
    const dead = this.consumer;
    clearTimeout(this.reviveTimer);
    this.reviveTimer = setTimeout(() => {
      void dead?.disconnect().catch(() => undefined);
      this.join();
    }, REVIVE_AFTER_MS);
  }

  private assign(assignment: Record<string, number[]>): void {
    if (this.state === 'stopped') return;
    this.closePartitions();
    this.state = 'joined';
    this.reason = undefined;
    const consumer = this.consumer;
    if (consumer === undefined) return;
    const fetch = {
      pause: (at: TopicPartition) => consumer.pause([{ topic: at.topic, partitions: [at.partition] }]),
      resume: (at: TopicPartition) => consumer.resume([{ topic: at.topic, partitions: [at.partition] }]),
      seek: (at: TopicPartition, offset: bigint) => consumer.seek({ ...at, offset: offset.toString() }),
    };
    for (const [topic, numbers] of Object.entries(assignment)) {
      for (const number of numbers) {
        const at = { topic, partition: number };
        const partition = new AssignedPartition(at, this.options.handlerFor(at), fetch, this.options.log);
        this.partitions.set(formatTopicPartition(at), partition);
        void partition.open();
      }
    }
  }

  private async handleBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const partition = this.partitions.get(formatTopicPartition(batch));
    if (partition === undefined || !partition.accepts) return;
    // A handler may take longer than a session: the heartbeat goes on beside it. One that says the generation is
    // over aborts the handler and is thrown afterwards, for kafkajs to join again. Any other failure, such as a
    // broker that is away, is left to the fetch loop: closed without joining again, the partition would never be
    // opened again. Its writes are fenced all the same.
    let over: Error | undefined;
    const beat = setInterval(() => {
      payload.heartbeat().catch((error: unknown) => {
        if (!endsGeneration(error)) return;
        over = error;
        partition.close();
      });
    }, this.options.heartbeatIntervalMs ?? 1_000);
    try {
      await this.feed(partition, batch, payload);
    } finally {
      clearInterval(beat);
    }
    if (over !== undefined) throw over;
  }

  private async feed(partition: AssignedPartition, batch: Batch, payload: EachBatchPayload): Promise<void> {
    const size = this.options.maxRecords ?? 1_000;
    for (let from = 0; from < batch.messages.length; from += size) {
      if (!payload.isRunning() || payload.isStale() || !partition.accepts) return;
      const records = batch.messages
        .slice(from, from + size)
        .map((message) => new KafkaLogRecord(batch.topic, batch.partition, message));
      const outcome = await partition.handle(records);
      if (outcome.kind === 'fenced') throw this.rejoin(partition, outcome.reason);
      if (outcome.kind !== 'done') return;
      const last = records.at(-1);
      if (last !== undefined) payload.resolveOffset(last.offset.toString());
    }
  }

  /** The error that makes kafkajs join the group again, as a member that may have been presumed dead. */
  private rejoin(partition: AssignedPartition, reason: string): Error {
    this.options.log.warn(
      { ...partition.status, reason },
      'fenced: giving up the partition and joining again',
    );
    partition.close();
    return Object.assign(new Error(reason), { type: 'REBALANCE_IN_PROGRESS', retriable: false });
  }

  private async copyPositions(): Promise<void> {
    const moved = [...this.partitions.values()].flatMap(({ status }) => {
      const { topic, partition, nextOffset } = status;
      const known = nextOffset !== undefined && this.copied.get(formatTopicPartition(status)) !== nextOffset;
      return known ? [{ topic, partition, nextOffset }] : [];
    });
    if (moved.length === 0 || this.consumer === undefined) return;
    try {
      const copies = moved.map(({ topic, partition, nextOffset }) => ({
        topic,
        partition,
        offset: String(nextOffset),
      }));
      await this.consumer.commitOffsets(copies);
      for (const at of moved) this.copied.set(formatTopicPartition(at), at.nextOffset);
    } catch (error) {
      this.options.log.debug({ error: String(error) }, "positions were not copied to Kafka's group offsets");
    }
  }

  private lose(reason: string): void {
    if (this.state === 'stopped') return;
    this.state = 'rejoining';
    this.reason = reason;
    this.closePartitions();
  }

  private closePartitions(): void {
    for (const partition of this.partitions.values()) partition.close();
    this.partitions.clear();
  }
}

/** Broker answers to a heartbeat after which kafkajs joins the group again. */
const GENERATION_OVER = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'NOT_COORDINATOR_FOR_GROUP',
  'UNKNOWN_MEMBER_ID',
]);

function endsGeneration(error: unknown): error is Error {
  return error instanceof Error && 'type' in error && GENERATION_OVER.has(String(error.type));
}
