import type { Kafka, KafkaMessage } from 'kafkajs';

/** What kafkajs notes about the record batch that a fetched message lay in. */
export interface BatchContext {
  readonly firstOffset: string;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly inTransaction: boolean;
}

export type FetchedMessage = KafkaMessage & {
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
};

/** A broker's answer for one partition. */
export interface FetchedPartition {
  readonly partition: number;
  readonly lastStableOffset: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly messages: readonly FetchedMessage[];
}

export interface FetchRequest {
  readonly maxWaitTime: number;
  readonly maxBytes: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
}

interface ClientBroker {
  fetch(request: FetchRequest): Promise<{
    readonly responses: readonly {
      readonly topicName: string;
      readonly partitions: readonly FetchedPartition[];
    }[];
  }>;
}

/** The part of kafkajs's own cluster object that is used here: connections by broker, and who leads what. */
export interface ClientCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findTopicPartitionMetadata(
    topic: string,
  ): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(of: { readonly nodeId: number }): Promise<ClientBroker>;
}

/**
 * A cluster object as kafkajs makes one for each consumer, with the client's own brokers, time-outs and log. It is not
 * part of kafkajs's public face: the version is pinned, and `read-range.int.spec.ts` runs over it.
 */
export function createClientCluster(kafka: Kafka): ClientCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create: unknown = symbol === undefined ? undefined : Reflect.get(kafka, symbol);
  if (typeof create !== 'function')
    throw new Error('this version of kafkajs makes its clusters in another way');
  return (create as (options: object) => ClientCluster)({ allowAutoTopicCreation: false });
}
