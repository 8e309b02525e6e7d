import type { TopicDefinition } from '@millrace/contracts';
import type { Admin, Kafka } from 'kafkajs';
import { readLogBounds } from './log-bounds';
import type { LogBounds } from './log-bounds';
import { applyTopics } from './topic-apply';
import { planTopics } from './topic-plan';
import type { TopicChange, TopicPlanOptions } from './topic-plan';

/**
 * Questions to a cluster and changes of its topics, over one admin connection that is made when it is first
 * needed and made again after it was lost. Every call throws the client's own error when no broker answers.
 */
export class KafkaCluster {
  private readonly admin: Admin;

  constructor(kafka: Kafka) {
    this.admin = kafka.admin({ retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 500 } });
  }

  /** The cluster's id: the same for its whole life, another for every other cluster. */
  async id(): Promise<string> {
    await this.admin.connect();
    return (await this.admin.describeCluster()).clusterId;
  }

  /** The bounds of every partition's log; the index is the partition. @throws TopicNotFoundError */
  async logBounds(topic: string): Promise<LogBounds[]> {
    await this.admin.connect();
    return readLogBounds(this.admin, topic);
  }

  /** The offsets that a group's members copied to Kafka for tools; -1 where there is none. */
  async copiedOffsets(groupId: string, topic: string): Promise<bigint[]> {
    await this.admin.connect();
    const [answer] = await this.admin.fetchOffsets({ groupId, topics: [topic] });
    const offsets: bigint[] = [];
    for (const { partition, offset } of answer?.partitions ?? []) offsets[partition] = BigInt(offset);
    return offsets;
  }

  async planTopics(topics: readonly TopicDefinition[], options?: TopicPlanOptions): Promise<TopicChange[]> {
    await this.admin.connect();
    return planTopics(this.admin, topics, options);
  }

  async applyTopics(changes: readonly TopicChange[]): Promise<void> {
    await this.admin.connect();
    return applyTopics(this.admin, changes);
  }

  async close(): Promise<void> {
    await this.admin.disconnect();
  }
}
