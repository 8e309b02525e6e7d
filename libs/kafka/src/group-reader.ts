import type { Logger } from '@millrace/contracts';
import type { PartitionHandlerFactory } from '@millrace/delivery';
import type { Consumer, Kafka } from 'kafkajs';
import type { PartitionStatus } from './assigned-partition';
import { AssignedPartitions } from './assigned-partitions';
import { atMost } from './at-most';
import { fetchControlOf } from './fetch-control';
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
  /** What a fetch brings of a partition at most, one batch that is larger excepted. Default 1 MiB. */
  readonly maxPartitionBytes?: number;
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
/** What a handler that is under way gets when this member stops by itself, and nobody has its partitions yet. */
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
  private readonly partitions: AssignedPartitions;
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
    this.partitions = new AssignedPartitions({ ...options, heartbeatIntervalMs: this.heartbeatIntervalMs });
  }

  get status(): GroupReaderStatus {
    const partitions = this.partitions.all.map((partition) => partition.status);
    return { state: this.state, partitions, ...(this.reason === undefined ? {} : { reason: this.reason }) };
  }

  /** Begins to join, and goes on trying until `stop`; does not wait for the first assignment. */
  start(): void {
    this.copyTimer = setInterval(() => {
      if (this.consumer !== undefined) void this.copies.write(this.consumer, this.partitions.all);
    }, COPY_INTERVAL_MS);
    this.join();
  }

  /** Lets running handlers finish, copies the positions, and leaves the group, so that others take over at once. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    clearInterval(this.copyTimer);
    clearTimeout(this.reviveTimer);
    this.watchdog?.stop();
    const held = this.partitions.all;
    this.partitions.close(STOP_GRACE_MS);
    await this.partitions.still();
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
      maxBytesPerPartition: this.options.maxPartitionBytes ?? 1_048_576,
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
    const { CRASH, END_BATCH_PROCESS, GROUP_JOIN, HEARTBEAT, REBALANCING, REQUEST } = consumer.events;
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
      if (consumer === this.consumer) this.partitions.confirmed(heartbeatSentAtMs);
    });
    // Markers and aborted records by themselves never come to the handler.
    consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
      if (batchSize > 0 || consumer !== this.consumer) return;
      this.partitions.passed({ topic, partition, offset: BigInt(lastOffset) + 1n });
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
            consumer === this.consumer ? this.partitions.handleBatch(payload) : Promise.resolve(),
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
    this.copies.forget();
    this.state = 'joined';
    this.reason = undefined;
    this.partitions.assign(assignment, fetchControlOf(consumer));
  }

  private lose(reason: string): void {
    if (this.isStopped()) return;
    this.state = 'rejoining';
    this.reason = reason;
    this.partitions.close();
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
