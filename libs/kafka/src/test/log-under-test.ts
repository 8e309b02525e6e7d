import { declaredTopic, serversUnderTest, silentLogger, uniqueName, waitFor } from '@millrace/testing';
import kafkajs from 'kafkajs';
import type { Producer } from 'kafkajs';
import { createKafkaClient, KafkaCluster } from '../index';

/** What makes Kafka compact a topic as soon as it may: when a record comes for another segment. */
const COMPACTED_SOON = {
  'cleanup.policy': 'compact',
  'segment.bytes': '1048576',
  'segment.ms': '100',
  'min.cleanable.dirty.ratio': '0.001',
  'max.compaction.lag.ms': '100',
};

/** A client of the servers under test, and the ways to write a log of every kind with it. Connected from `open` to `close`. */
export class LogUnderTest {
  readonly kafka = createKafkaClient({
    brokers: serversUnderTest().brokers,
    clientId: 'specs',
    log: silentLogger,
  });
  readonly cluster = new KafkaCluster(this.kafka);
  readonly admin = this.kafka.admin();
  readonly producer = this.kafka.producer();

  async open(): Promise<void> {
    await Promise.all([this.admin.connect(), this.producer.connect()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.producer.disconnect(), this.cluster.close()]);
  }

  /** A new topic, of one partition if nothing else is said. */
  async createTopic(changes: Parameters<typeof declaredTopic>[1] = {}): Promise<string> {
    const topic = declaredTopic(uniqueName('log'), { partitions: 1, ...changes });
    await this.cluster.applyTopics(await this.cluster.planTopics([topic]));
    return topic.name;
  }

  /** Values under one key, as one batch. */
  async send(topic: string, values: readonly string[], partition = 0): Promise<void> {
    const messages = values.map((value) => ({ key: 'k', value, partition }));
    await this.producer.send({ topic, messages });
  }

  /** A connected producer for transactions; the caller ends it. */
  async transactional(topic: string): Promise<Producer> {
    const transactionalId = uniqueName(topic);
    const producer = this.kafka.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    return producer;
  }

  /** Waits for the log's end. A transaction is over for its producer before its marker is in the log, and then for readers. */
  async readable(topic: string, end: bigint): Promise<void> {
    await waitFor('the end', async () => (await this.cluster.logBounds(topic))[0]?.end === end);
  }

  /** Has a topic compacted until `done` gives something, and gives that. It sends records of another key, without a value. */
  async compact<Done>(topic: string, done: () => Promise<Done | false>): Promise<Done> {
    const configEntries = Object.entries(COMPACTED_SOON).map(([name, value]) => ({ name, value }));
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries };
    await this.admin.alterConfigs({ validateOnly: false, resources: [resource] });
    return waitFor('the compaction', async () => {
      // The segment that is written to is never compacted: a record makes Kafka begin another one.
      await this.producer.send({ topic, messages: [{ key: 'other', value: '' }] });
      return done();
    });
  }
}
