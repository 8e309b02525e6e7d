import type { Kafka } from 'kafkajs';
import { BatchNumbers } from './batch-numbers';
import { NotSentError } from './not-sent-error';
import { ProduceSession } from './produce-session';
import { encodeRecordBatch } from './record-batch-bytes';
import type { BatchRecord } from './record-batch-bytes';

export interface BatchSenderOptions {
  /** Told of a topic that has another number of partitions than before. */
  readonly onPartitionsChanged: (topic: string) => void;
  /** Whether batches have numbers, by which the broker knows one again that is sent again: see `BatchNumbers`. */
  readonly sequenced: boolean;
}

/**
 * Sends batches to the leaders of their partitions, over connections of kafkajs. It tries once; whoever calls tries again.
 *
 * Connections live in sessions. A request that got no answer, or metadata that cannot be had, ends the session: what is under
 * way in it may still be answered, and the next batch goes through a new one. So a connection that has lost an answer is never
 * used again, although the system may hold it to be alive for minutes.
 */
export class BatchSender {
  private session: ProduceSession | undefined;
  private readonly numbers: BatchNumbers | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly options: BatchSenderOptions,
  ) {
    this.numbers = options.sequenced ? new BatchNumbers() : undefined;
  }

  /** Resolves when there is a connection to the partition's leader. @throws NotSentError */
  async connect(topic: string, partition: number): Promise<void> {
    try {
      const session = this.openSession();
      await session.reach(topic, partition);
      await this.numbers?.prepare(topic, partition, session);
    } catch (error) {
      throw new NotSentError(topic, partition, error);
    }
  }

  /**
   * Writes a batch with acks=all and gives the offset of its first record. The caller has connected before, and has no
   * other batch for this partition under way if their order matters.
   * @throws NotSentError when nothing has left this process; the broker's error with its `type` when it has refused the batch;
   *   any other error leaves the outcome unknown: see `classifyWriteFailure`.
   */
  async send(topic: string, partition: number, records: readonly BatchRecord[]): Promise<bigint> {
    const requests = this.session?.requestsFor(topic, partition);
    if (requests === undefined)
      throw new NotSentError(topic, partition, 'there is no connection to its leader');
    const { numbers } = this;
    if (numbers === undefined) return requests.add({ topic, partition, bytes: encodeRecordBatch(records) });
    const bytes = encodeRecordBatch(records, numbers.of(topic, partition));
    try {
      const baseOffset = await requests.add({ topic, partition, bytes });
      numbers.acknowledged(topic, partition, records.length);
      return baseOffset;
    } catch (error) {
      numbers.failed(topic, partition, error);
      throw error;
    }
  }

  /** Resolves when what is under way has its answer, and all connections are closed. */
  async close(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    await session?.end();
  }

  private openSession(): ProduceSession {
    if (this.session !== undefined) return this.session;
    const session = new ProduceSession(this.kafka, {
      onPartitionsChanged: this.options.onPartitionsChanged,
      onBroken: () => {
        // Another one may have taken its place by now.
        if (this.session === session) this.session = undefined;
        session.end().catch(() => undefined);
      },
    });
    this.session = session;
    return session;
  }
}
