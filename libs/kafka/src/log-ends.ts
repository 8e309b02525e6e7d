import type { TopicPartition } from '@millrace/event';
import type { Kafka } from 'kafkajs';
import { createClientCluster } from './client-cluster';
import type { ClientCluster } from './client-cluster';

/** Where the log of a partition ends: the offset of the next record, read committed. */
export interface LogEnd extends TopicPartition {
  readonly end: bigint;
}

/** Where logs end, of any number of partitions of any topics, for one request to each broker that leads some of them. */
export class LogEnds {
  private cluster: ClientCluster | undefined;

  constructor(private readonly kafka: Kafka) {}

  /** All of them or none. @throws what kafkajs throws, for a topic that does not exist too; the next call begins anew. */
  async read(partitions: readonly TopicPartition[]): Promise<LogEnd[]> {
    this.cluster ??= createClientCluster(this.kafka);
    const { cluster } = this;
    try {
      const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
      await cluster.connect();
      await cluster.addMultipleTargetTopics([...byTopic.keys()]);
      await cluster.refreshMetadataIfNecessary();
      const asked = [...byTopic].map(([topic, each]) => ({ topic, fromBeginning: false, partitions: each }));
      const answers = await cluster.fetchTopicsOffset(asked);
      return answers.flatMap(({ topic, partitions: found }) =>
        found.map(({ partition, offset }) => ({ topic, partition, end: BigInt(offset) })),
      );
    } catch (error) {
      // What it knows of leaders may be old, and a topic that is gone would fail every later question with it.
      await this.close();
      throw error;
    }
  }

  /** May be called again, and asked again afterwards. Never rejects. */
  async close(): Promise<void> {
    const { cluster } = this;
    this.cluster = undefined;
    await cluster?.disconnect().catch(() => undefined);
  }
}
