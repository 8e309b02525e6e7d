import type { Kafka } from 'kafkajs';
import { createClientCluster } from '../client-cluster';
import type { ClientCluster } from '../client-cluster';
import { brokerAnswer } from '../write-failure';
import { BrokerRequests } from './broker-requests';

interface SessionEvents {
  /** It must not be used any more. May be called several times. */
  readonly onBroken: () => void;
  readonly onPartitionsChanged: (topic: string) => void;
}

/** How old what is known of leaders and partitions may get before it is asked for again, beside the sending. */
const METADATA_MAX_AGE_MS = 5_000;

/** What brokers know a producer by that numbers its batches. */
export interface ProducerName {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

const NOT_TRANSACTIONAL = { transactionalId: null, transactionTimeout: 30_000 } as const;

/** Connections to the leaders of partitions, and what is known of who leads what. */
export class ProduceSession {
  private readonly cluster: ClientCluster;
  private readonly opened: Promise<void>;
  private readonly requests = new Map<number, BrokerRequests>();
  /** By topic: settled when its partitions are known. */
  private readonly topics = new Map<string, Promise<void>>();
  private readonly partitionCounts = new Map<string, number>();
  private askedAt = performance.now();
  private refreshing: Promise<void> | undefined;
  /** A broker has said that what is known is not so any more. */
  private outdated = false;

  constructor(
    kafka: Kafka,
    private readonly events: SessionEvents,
  ) {
    this.cluster = createClientCluster(kafka);
    this.opened = this.cluster.connect();
    this.opened.catch(() => this.events.onBroken());
  }

  /** Resolves when there is a connection to the partition's leader; then `requestsFor` has it. @throws when there is none. */
  async reach(topic: string, partition: number): Promise<void> {
    await this.opened;
    await this.learn(topic);
    if (this.outdated || this.leaderOf(topic, partition) === undefined) await this.refresh();
    else if (performance.now() - this.askedAt > METADATA_MAX_AGE_MS) {
      // Whoever sends meanwhile is not kept waiting: a leader that has changed says so.
      this.refresh().catch(() => undefined);
    }
    const leader = this.leaderOf(topic, partition);
    if (leader === undefined) throw new Error('no broker leads it');
    const broker = await this.cluster.findBroker({ nodeId: leader });
    if (this.requests.get(leader)?.broker !== broker) {
      const onOutdated = (): void => void (this.outdated = true);
      this.requests.set(leader, new BrokerRequests(broker, { onBroken: this.events.onBroken, onOutdated }));
    }
  }

  /** Where batches for this partition go; undefined when its leader was not reached. */
  requestsFor(topic: string, partition: number): BrokerRequests | undefined {
    const leader = this.leaderOf(topic, partition);
    return leader === undefined ? undefined : this.requests.get(leader);
  }

  /** A producer id that nobody has yet, from the leader of a partition that was reached. */
  async newProducer(topic: string, partition: number): Promise<ProducerName> {
    const broker = this.requestsFor(topic, partition)?.broker;
    if (broker === undefined) throw new Error('its leader was not reached');
    try {
      const { producerId, producerEpoch } = await broker.initProducerId(NOT_TRANSACTIONAL);
      return { producerId: BigInt(producerId), producerEpoch };
    } catch (error) {
      if (brokerAnswer(error) === undefined) this.events.onBroken();
      throw error;
    }
  }

  /** Takes nothing new; resolves when what is under way has its answer and the connections are closed. */
  async end(): Promise<void> {
    await this.cluster.disconnect();
  }

  private leaderOf(topic: string, partition: number): number | undefined {
    const partitions = this.cluster.findTopicPartitionMetadata(topic);
    const leader = partitions.find(({ partitionId }) => partitionId === partition)?.leader;
    return leader === undefined || leader < 0 ? undefined : leader;
  }

  private learn(topic: string): Promise<void> {
    let learning = this.topics.get(topic);
    if (learning === undefined) {
      learning = this.askFor(topic);
      this.topics.set(topic, learning);
      learning.catch(() => this.topics.delete(topic));
    }
    return learning;
  }

  /** A topic that does not exist concerns nobody else; a cluster that does not answer does. */
  private async askFor(topic: string): Promise<void> {
    try {
      await this.cluster.addMultipleTargetTopics([topic]);
    } catch (error) {
      if (brokerAnswer(error) === undefined) this.events.onBroken();
      throw error;
    }
    this.partitionCounts.set(topic, this.cluster.findTopicPartitionMetadata(topic).length);
  }

  private refresh(): Promise<void> {
    this.refreshing ??= this.askAgain().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async askAgain(): Promise<void> {
    this.askedAt = performance.now();
    try {
      await this.cluster.refreshMetadata();
    } catch (error) {
      // All topics are asked for at once, and one that was deleted fails them all: a new session asks for the others.
      if (brokerAnswer(error) !== 'LEADER_NOT_AVAILABLE') this.events.onBroken();
      throw error;
    }
    this.outdated = false;
    for (const [topic, before] of this.partitionCounts) {
      const now = this.cluster.findTopicPartitionMetadata(topic).length;
      this.partitionCounts.set(topic, now);
      if (now !== before) this.events.onPartitionsChanged(topic);
    }
  }
}
