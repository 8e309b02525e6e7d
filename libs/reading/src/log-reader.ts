import type { Logger } from '@millrace/contracts';
import type { LogExtent, PartitionHandler } from '@millrace/delivery';
import type { LogRecord, TopicPartition } from '@millrace/event';
import { GroupReader } from '@millrace/kafka';
import { PositionStore } from '@millrace/postgres';
import { checkReader, reportReader } from './reader-report';
import type { ReaderReport, ReaderStatus } from './reader-report';
import type { Servers } from './servers';
import type { WatchedReader } from './stall-watchdog';

/** What a partition's handler needs of its reader. */
export interface ReaderParts {
  readonly ledger: PositionStore;
  /** What the log of a partition holds now. */
  readonly readExtent: (at: TopicPartition) => Promise<LogExtent>;
  /** The first offset whose record is at or after a time, or the log's end. */
  readonly offsetAt: (at: TopicPartition, timeMs: number) => Promise<bigint>;
  /** Fetches schemas that are met for the first time, before a transaction is open. */
  readonly prepare: (records: readonly LogRecord[]) => Promise<void>;
}

export interface LogReaderOptions {
  /** Kafka's consumer group. */
  readonly groupId: string;
  /** Names the positions, such as `group/delay-alerts`. */
  readonly reader: string;
  readonly topics: readonly string[];
  /** Makes the handler of a partition; a new one for every assignment. */
  readonly handlerFor: (at: TopicPartition, parts: ReaderParts) => PartitionHandler;
  readonly concurrency?: number;
  /** Records that are processed and committed together, at most. Default 1,000. */
  readonly maxRecords?: number;
  /** See GroupReaderOptions. */
  readonly maxPartitionBytes?: number;
  /** How long nothing may be done in a partition by right, if that may be longer than elsewhere. Default 0. */
  readonly longestWorkMs?: number;
  /** See PositionStoreOptions. */
  readonly commitsLateBelowStop?: boolean;
  readonly log: Logger;
}

/**
 * Reads topics as one member of a group: Kafka assigns the partitions, PostgreSQL keeps the positions together
 * with the effects. Once started it goes on by itself through outages of either, until `stop`.
 */
export class LogReader {
  private readonly members: GroupReader;
  private readonly ledger: PositionStore;
  private readonly watched: WatchedReader;

  constructor(
    private readonly servers: Servers,
    private readonly options: LogReaderOptions,
  ) {
    const { groupId, topics, log, concurrency, maxRecords, maxPartitionBytes } = options;
    const { commitsLateBelowStop = false } = options;
    this.ledger = new PositionStore(servers.database, options.reader, { commitsLateBelowStop });
    const parts: ReaderParts = {
      ledger: this.ledger,
      readExtent: (at) => this.readExtent(at),
      offsetAt: (at, timeMs) => this.offsetAt(at, timeMs),
      prepare: (records) => this.prepare(records),
    };
    this.members = new GroupReader(servers.kafka, {
      groupId,
      topics,
      log,
      sessionTimeoutMs: servers.sessionTimeoutMs,
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(maxRecords === undefined ? {} : { maxRecords }),
      ...(maxPartitionBytes === undefined ? {} : { maxPartitionBytes }),
      handlerFor: (at) => options.handlerFor(at, parts),
    });
    const { members } = this;
    this.watched = {
      reader: options.reader,
      stallAfterMs: Math.max(servers.stallTimeoutMs, options.longestWorkMs ?? 0),
      get status() {
        return members.status;
      },
    };
  }

  start(): void {
    this.members.start();
    this.servers.stalls.watch(this.watched);
  }

  stop(): Promise<void> {
    this.servers.stalls.leave(this.watched);
    return this.members.stop();
  }

  get status(): ReaderStatus {
    const { partitions, ...status } = this.members.status;
    const watched = partitions.map((partition) => {
      const reason = this.servers.stalls.reasonOf(this.watched, partition);
      return reason === undefined ? partition : { ...partition, state: 'stalled' as const, reason };
    });
    return { ...status, partitions: watched };
  }

  /** How far the reader is in every partition. @throws KafkaUnavailableError, DatabaseUnavailableError */
  report(): Promise<ReaderReport> {
    const { reader, topics } = this.options;
    return reportReader(this.servers, { reader, topics, status: this.status });
  }

  /** For readiness. @throws an error that names what is not being read, and why. */
  check(): Record<string, unknown> {
    return checkReader(this.options.groupId, this.status);
  }

  private async offsetAt({ topic, partition }: TopicPartition, timeMs: number): Promise<bigint> {
    const offset = (await this.servers.cluster.offsetsAt(topic, timeMs))[partition];
    // A partition that was added since the topic was last looked at: it is opened again.
    if (offset === undefined) throw new Error(`${topic}/${partition} is not known yet`);
    return offset;
  }

  private async readExtent(at: TopicPartition) {
    const bounds = await this.servers.cluster.logBounds(at.topic);
    const { start, end } = bounds[at.partition] ?? { start: 0n, end: 0n };
    return { start, end, partitionCount: bounds.length };
  }

  private async prepare(records: readonly LogRecord[]): Promise<void> {
    const topic = records[0]?.topic;
    if (topic === undefined) return;
    await this.servers.codec.ensureDecodable(
      topic,
      records.map((record) => record.valueBytes()),
    );
  }
}
