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

/** A request and how its answer is read, as kafkajs's connections take them. */
export interface ClientRequest<Answer> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    /** The bytes after the header, as kafkajs's own encoders give them. */
    readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: {
    readonly decode: (payload: Buffer) => Promise<Answer>;
    readonly parse: (answer: Answer) => Promise<Answer>;
  };
}

export interface ClientBroker {
  /** Sends a request to this broker, over a connection that is made again if need be. */
  readonly connectionPool: { send<Answer>(request: ClientRequest<Answer>): Promise<Answer> };
  fetch(request: FetchRequest): Promise<{
    readonly responses: readonly {
      readonly topicName: string;
      readonly partitions: readonly FetchedPartition[];
    }[];
  }>;
  initProducerId(request: {
    readonly transactionalId: null;
    readonly transactionTimeout: number;
  }): Promise<{ readonly producerId: string; readonly producerEpoch: number }>;
}

/** The part of kafkajs's own cluster object that is used here: connections by broker, and who leads what. */
export interface ClientCluster {
  connect(): Promise<void>;
  /** Resolves when all that was sent has its answer, or has waited too long for it. */
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  /** Asks again for the partitions of all target topics. */
  refreshMetadata(): Promise<void>;
  /** The same when that was five minutes ago. */
  refreshMetadataIfNecessary(): Promise<void>;
  /** One request to each leader, for all topics together. */
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string;
      readonly fromBeginning: boolean;
      readonly partitions: readonly { readonly partition: number }[];
    }[],
  ): Promise<
    readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[]
  >;
  findTopicPartitionMetadata(
    topic: string,
  ): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(of: { readonly nodeId: number }): Promise<ClientBroker>;
}

/**
 * A cluster object as kafkajs makes one for each consumer, with the client's own brokers, time-outs and log. It is not
 * part of kafkajs's public face: the version is pinned, and `read-range.int.spec.ts`, `batch-sender.int.spec.ts` and
 * `log-ends.int.spec.ts` run over it.
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
