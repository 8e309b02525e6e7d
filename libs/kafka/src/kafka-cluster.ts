import type { TopicDefinition } from '@millrace/contracts';
import type { PositionCopy } from '@millrace/delivery';
import type { Admin, Kafka } from 'kafkajs';
import { readCleanupPolicy } from './cleanup-policy';
import { readCopy } from './copy-mark';
import { ensureDeadLetterTopic } from './dead-letter-topic';
import type { DeadLetterTopicOptions } from './dead-letter-topic';
import { deleteGroup } from './delete-group';
import { KafkaUnavailableError, TopicNotFoundError } from './errors';
import { readLandingDeviations } from './landing-limit';
import { isUnknownTopic, readLogBounds } from './log-bounds';
import type { LogBounds } from './log-bounds';
import { SharedAnswers } from './shared-answers';
import { applyTopics } from './topic-apply';
import { planTopics } from './topic-plan';
import type { TopicChange, TopicPlanOptions } from './topic-plan';
import { rootCause } from './write-failure';

/** What kafkajs throws when nobody answers, as opposed to what a broker answers. */
const NO_ANSWER = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
]);

/**
 * Questions to a cluster and changes of its topics, over one admin connection that is made when it is first
 * needed and made again after it was lost. Every call throws KafkaUnavailableError when no broker answers.
 *
 * Offsets are given for whole topics, and every partition that is opened asks for them: whoever asks at about the same time
 * shares an answer, which is never older than the question. The number of partitions is asked for with it each time.
 */
export class KafkaCluster {
  private readonly admin: Admin;
  private readonly bounds = new SharedAnswers<readonly LogBounds[]>();
  private readonly groupCopies = new SharedAnswers<readonly PositionCopy[]>();
  private readonly offsetsByTime = new SharedAnswers<readonly bigint[]>();

  constructor(kafka: Kafka) {
    this.admin = kafka.admin({ retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 500 } });
  }

  /** The cluster's id: the same for its whole life, another for every other cluster. */
  async id(): Promise<string> {
    return this.ask('name its cluster', async (admin) => (await admin.describeCluster()).clusterId);
  }

  /** The bounds of every partition's log; the index is the partition. @throws TopicNotFoundError */
  async logBounds(topic: string): Promise<readonly LogBounds[]> {
    return this.bounds.give(topic, () =>
      this.ask(`give the offsets of ${topic}`, (admin) => readLogBounds(admin, topic)),
    );
  }

  /** The offsets that a group's members copied to Kafka for tools; -1 where there is none. */
  async copiedOffsets(groupId: string, topic: string): Promise<bigint[]> {
    return (await this.copies(groupId, topic)).map(({ offset }) => offset);
  }

  /** The same, and whether they are what members of ours wrote. The index is the partition. */
  async copies(groupId: string, topic: string): Promise<readonly PositionCopy[]> {
    return this.groupCopies.give(`${groupId} ${topic}`, async () => {
      const [answer] = await this.ask(`give the offsets of group ${groupId}`, (admin) =>
        admin.fetchOffsets({ groupId, topics: [topic] }),
      );
      const copies: PositionCopy[] = [];
      for (const { partition, ...copy } of answer?.partitions ?? []) copies[partition] = readCopy(copy);
      return copies;
    });
  }

  /** A topic's `cleanup.policy` as it is in force: `delete`, `compact` or both. @throws TopicNotFoundError */
  async cleanupPolicy(topic: string): Promise<string> {
    return this.ask(`describe the settings of ${topic}`, (admin) => readCleanupPolicy(admin, topic));
  }

  /**
   * Where each partition has its first record whose time is at or after this one, in milliseconds since the epoch; its
   * end where there is none. Later records may be older. The index is the partition. @throws TopicNotFoundError
   */
  async offsetsAt(topic: string, timestampMs: number): Promise<readonly bigint[]> {
    return this.offsetsByTime.give(`${topic} ${timestampMs}`, async () => {
      const found = await this.ask(`give the offsets of ${topic} by time`, async (admin) => {
        try {
          return await admin.fetchTopicOffsetsByTimestamp(topic, timestampMs);
        } catch (error) {
          throw isUnknownTopic(error) ? new TopicNotFoundError(topic) : error;
        }
      });
      const offsets: bigint[] = [];
      for (const { partition, offset } of found) offsets[partition] = BigInt(offset);
      return offsets;
    });
  }

  /** The settings by which a topic does not keep `LANDING_LIMIT_MS`; none when it does. @throws TopicNotFoundError */
  async landingDeviations(topic: string): Promise<string[]> {
    return this.ask(`describe the settings of ${topic}`, (admin) => readLandingDeviations(admin, topic));
  }

  /**
   * Removes a group with the offsets that Kafka remembers for it. True when it is gone, also when it never was
   * there; false while it still has members, and then nothing was changed. Idempotent.
   */
  async deleteGroup(groupId: string): Promise<boolean> {
    return this.ask(`delete group ${groupId}`, (admin) => deleteGroup(admin, groupId));
  }

  /**
   * Creates the topic of a group's dead letters when there is none, after its sources, and gives its name. One that is there
   * stays as it is. Idempotent, also by several members at once.
   * @throws TopicNotFoundError for a source. @throws DeadLetterTopicError when the broker refuses.
   */
  async ensureDeadLetterTopic(group: string, options: DeadLetterTopicOptions): Promise<string> {
    return this.ask(`create the topic of dead letters of group ${group}`, (admin) =>
      ensureDeadLetterTopic(admin, group, options),
    );
  }

  async planTopics(topics: readonly TopicDefinition[], options?: TopicPlanOptions): Promise<TopicChange[]> {
    return this.ask('describe its topics', (admin) => planTopics(admin, topics, options));
  }

  async applyTopics(changes: readonly TopicChange[]): Promise<void> {
    return this.ask('change its topics', (admin) => applyTopics(admin, changes));
  }

  async close(): Promise<void> {
    await this.admin.disconnect();
  }

  private async ask<Answer>(what: string, question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    try {
      await this.admin.connect();
      return await question(this.admin);
    } catch (error) {
      const root = error instanceof Error ? rootCause(error) : undefined;
      throw root !== undefined && NO_ANSWER.has(root.name) ? new KafkaUnavailableError(what, root) : error;
    }
  }
}
