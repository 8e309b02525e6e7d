import type { Logger } from '@millrace/contracts';
import type { PartitionHandlerFactory } from '@millrace/delivery';
import { formatTopicPartition } from '@millrace/event';
import type { Batch, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { AssignedPartition } from './assigned-partition';
import type { PartitionStatus } from './assigned-partition';
import { atMost } from './at-most';
import { endsGeneration } from './ends-generation';
import { fetchControlOf } from './fetch-control';
import { KafkaLogRecord } from './kafka-log-record';
import { MemberWatchdog } from './member-watchdog';
import { PositionCopies } from './position-copies';

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
 * How soon added partitions are noticed: the group joins again, every partition is opened anew, and its handler decides.
 * kafkajs's own 5 minutes would leave their records unread for as long, and nobody would say so.
 */
const METADATA_MAX_AGE_MS = 10_000;
/** In sessions. Joining may take one, for members that do not answer; what is silent for longer has stalled. */
const SILENT_SESSIONS = 3;
/**
 * What a handler that is under way gets when its partition is taken away. Whoever gets it next waits for a heartbeat before its
 * first record, about as long, and the epoch keeps both from writing.
 */
const REVOKE_GRACE_MS = 1_000;
/** The same when this member stops by itself, and nobody has its partitions yet. */
const STOP_GRACE_MS = 3_000;
/** What a broker that does not answer may cost a stop, for the last copy and for leaving the group. */
const STOP_STEP_MS = 2_000;

/**
 * A member of a consumer group. Kafka says which partitions this member holds; where each one starts, and that
 * its work is done, the partition's handler says. Kafka's committed offset is a copy, written every few seconds
 * for tools; nothing is read from it here.
 *
 * On every assignment all partitions are paused before the first fetch; each is opened, sought and resumed on
 * its own. A partition that holds or halts never keeps another from being read.
 */
export class GroupReader {
  private consumer: Consumer | undefined;
  private readonly partitions = new Map<string, AssignedPartition>();
  /** Batches under way, whoever they were assigned to. */
  private readonly feeding = new Set<Promise<void>>();
  /** Partitions that were taken away and are not still yet. */
  private readonly closing = new Map<string, Promise<void>>();
  private readonly copies: PositionCopies;
  private state: GroupReaderStatus['state'] = 'starting';
  private reason: string | undefined;
  private copyTimer: NodeJS.Timeout | undefined;
  private reviveTimer: NodeJS.Timeout | undefined;
  private watchdog: MemberWatchdog | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly options: GroupReaderOptions,
  ) {
    this.copies = new PositionCopies(options.log);
  }

  get status(): GroupReaderStatus {
    const partitions = [...this.partitions.values()].map((partition) => partition.status);
    return { state: this.state, partitions, ...(this.reason === undefined ? {} : { reason: this.reason }) };
  }

  /** Begins to join, and goes on trying until `stop`; does not wait for the first assignment. */
  start(): void {
    this.copyTimer = setInterval(() => {
      if (this.consumer !== undefined) void this.copies.write(this.consumer, [...this.partitions.values()]);
    }, COPY_INTERVAL_MS);
    this.join();
  }

  /** Lets running handlers finish, copies the positions, and leaves the group, so that others take over at once. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    clearInterval(this.copyTimer);
    clearTimeout(this.reviveTimer);
    this.watchdog?.stop();
    const held = [...this.partitions.values()];
    this.closePartitions(STOP_GRACE_MS);
    await Promise.allSettled([...this.feeding, ...this.closing.values()]);
    const { consumer } = this;
    if (consumer === undefined) return;
    await atMost(STOP_STEP_MS, this.copies.write(consumer, held));
    await atMost(STOP_STEP_MS, disconnect(consumer));
  }

  /** One consumer, one life: after a crash another one takes its place, with a clean state. */
  private join(): void {
    const consumer = this.kafka.consumer({
      groupId: this.options.groupId,
      sessionTimeout: this.sessionTimeoutMs,
      rebalanceTimeout: this.sessionTimeoutMs,
      heartbeatInterval: this.heartbeatIntervalMs,
      maxWaitTimeInMs: 250,
      maxBytesPerPartition: 1_048_576,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 200,
        maxRetryTime: 2_000,
        retries: 5,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
    this.consumer = consumer;
    const watchdog = new MemberWatchdog(SILENT_SESSIONS * this.sessionTimeoutMs, (reason) =>
      this.revive(consumer, new Error(reason)),
    );
    this.watchdog = watchdog;
    let heartbeatSentAtMs = 0;
    const { CRASH, GROUP_JOIN, HEARTBEAT, REBALANCING, REQUEST } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      watchdog.sign();
      this.assign(consumer, payload.memberAssignment);
    });
    // The request's own event comes first, and it alone says when the heartbeat was sent.
    consumer.on(REQUEST, ({ payload }) => {
      if (payload.apiName === 'Heartbeat') heartbeatSentAtMs = payload.sentAt;
    });
    consumer.on(HEARTBEAT, () => {
      watchdog.sign();
      if (consumer !== this.consumer) return;
      for (const partition of this.partitions.values()) partition.confirmed(heartbeatSentAtMs);
    });
    consumer.on(REBALANCING, () => {
      if (consumer === this.consumer) this.lose('the group is rebalancing');
    });
    consumer.on(CRASH, ({ payload }) => this.revive(consumer, payload.error));
    void this.run(consumer);
  }

  private async run(consumer: Consumer): Promise<void> {
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
      if (!this.isStopped()) {
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: this.options.concurrency ?? 3,
          // One that was given up may wake up again: its batches are not for the partitions of its successor.
          eachBatch: (payload) =>
            consumer === this.consumer ? this.handleBatch(payload) : Promise.resolve(),
        });
      }
    } catch (error) {
      this.revive(consumer, error instanceof Error ? error : new Error(String(error)));
    }
    // A stop that came while it was connecting or joining found nothing to leave yet.
    if (this.isStopped()) await disconnect(consumer);
  }

  /** kafkajs stops for good after errors that it calls not retriable; a member of ours never gives up. */
  private revive(dead: Consumer, error: Error): void {
    if (this.isStopped() || dead !== this.consumer) return;
    this.options.log.warn({ groupId: this.options.groupId, reason: error.message }, 'joining the group anew');
    this.lose(error.message);
    this.watchdog?.stop();
    clearTimeout(this.reviveTimer);
    this.reviveTimer = setTimeout(() => {
      void disconnect(dead);
      this.join();
    }, REVIVE_AFTER_MS);
  }

  private assign(consumer: Consumer, assignment: Record<string, number[]>): void {
    if (this.isStopped() || consumer !== this.consumer) return;
    this.closePartitions();
    this.copies.forget();
    this.state = 'joined';
    this.reason = undefined;
    const fetch = fetchControlOf(consumer);
    for (const [topic, numbers] of Object.entries(assignment)) {
      for (const number of numbers) {
        const at = { topic, partition: number };
        const partition = new AssignedPartition(at, this.options.handlerFor(at), fetch, this.options.log);
        const place = formatTopicPartition(at);
        this.partitions.set(place, partition);
        void partition.open(this.closing.get(place));
      }
    }
  }

  private handleBatch(payload: EachBatchPayload): Promise<void> {
    const partition = this.partitions.get(formatTopicPartition(payload.batch));
    if (partition === undefined || !partition.accepts) return Promise.resolve();
    const work = this.feedWithHeartbeat(partition, payload);
    this.feeding.add(work);
    const done = () => this.feeding.delete(work);
    work.then(done, done);
    return work;
  }

  /**
   * A handler may take longer than a session: the heartbeat goes on beside it. One that says the generation is
   * over aborts the handler and is thrown afterwards, for kafkajs to join again. Any other failure, such as a
   * broker that is away, is left to the fetch loop: closed without joining again, the partition would never be
   * opened again. Its writes are fenced all the same.
   */
  private async feedWithHeartbeat(partition: AssignedPartition, payload: EachBatchPayload): Promise<void> {
    let over: Error | undefined;
    const beat = setInterval(() => {
      payload.heartbeat().catch((error: unknown) => {
        if (!endsGeneration(error)) return;
        over = error;
        this.close(partition);
      });
    }, this.heartbeatIntervalMs);
    try {
      await this.feed(partition, payload.batch, payload);
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
      // Closed meanwhile: by now kafkajs's offset may be that of the next assignment, and is not ours to move.
      if (partition.isOver()) return;
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
    this.close(partition);
    return Object.assign(new Error(reason), { type: 'REBALANCE_IN_PROGRESS', retriable: false });
  }

  private lose(reason: string): void {
    if (this.isStopped()) return;
    this.state = 'rejoining';
    this.reason = reason;
    this.closePartitions();
  }

  private closePartitions(graceMs?: number): void {
    for (const partition of this.partitions.values()) this.close(partition, graceMs);
    this.partitions.clear();
  }

  private close(partition: AssignedPartition, graceMs = REVOKE_GRACE_MS): void {
    const place = formatTopicPartition(partition.at);
    const closed = partition.close(graceMs);
    this.closing.set(place, closed);
    void closed.then(() => {
      if (this.closing.get(place) === closed) this.closing.delete(place);
    });
  }

  private isStopped(): boolean {
    return this.state === 'stopped';
  }

  private get sessionTimeoutMs(): number {
    return this.options.sessionTimeoutMs ?? 30_000;
  }

  private get heartbeatIntervalMs(): number {
    return this.options.heartbeatIntervalMs ?? 1_000;
  }
}

async function disconnect(consumer: Consumer): Promise<void> {
  // There is nobody left to tell, and the broker finds out by itself when the session ends.
  await consumer.disconnect().catch(() => undefined);
}
