import kafkajs from 'kafkajs';
import type { TopicDefinition } from '@millrace/contracts';
import { declaredTopic, serversUnderTest, silentLogger, uniqueName } from '@millrace/testing';
import { createKafkaClient } from '../kafka-client';
import { KafkaCluster } from '../kafka-cluster';

describe('the plan for declared topics', () => {
  const kafka = createKafkaClient({
    brokers: serversUnderTest().brokers,
    clientId: 'specs',
    log: silentLogger,
  });
  const cluster = new KafkaCluster(kafka);
  const admin = kafka.admin();

  beforeAll(() => admin.connect());
  afterAll(() => Promise.all([cluster.close(), admin.disconnect()]));

  const apply = async (...topics: TopicDefinition[]): Promise<void> =>
    cluster.applyTopics(await cluster.planTopics(topics));

  async function settingsOf(name: string): Promise<Record<string, string>> {
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name };
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    const entries = resources[0]?.configEntries ?? [];
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  }

  it('creates a topic as it is declared, and then finds nothing more to do', async () => {
    const topic = declaredTopic(uniqueName('orders'), { cleanup: 'compact,delete', retentionMs: 86_400_000 });
    const changes = await cluster.planTopics([topic]);
    expect(changes).toEqual([{ kind: 'create', topic, replication: { factor: 1, minInSync: 1 } }]);
    await cluster.applyTopics(changes);
    expect(await cluster.logBounds(topic.name)).toHaveLength(3);
    expect(await settingsOf(topic.name)).toMatchObject({
      'cleanup.policy': 'compact,delete',
      'retention.ms': '86400000',
      'min.insync.replicas': '1',
    });
    expect(await cluster.planTopics([topic])).toEqual([]);
  });

  it('keeps everything for ever when the retention is unlimited', async () => {
    const topic = declaredTopic(uniqueName('orders'));
    await apply(topic);
    expect(await settingsOf(topic.name)).toMatchObject({ 'retention.ms': '-1' });
  });

  it('changes nothing in the cluster by itself', async () => {
    const topic = declaredTopic(uniqueName('orders'));
    await cluster.planTopics([topic]);
    await expect(cluster.logBounds(topic.name)).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
  });

  it('shows what is set and what is declared, and sets it', async () => {
    const topic = declaredTopic(uniqueName('orders'));
    await apply(topic);
    const changed = { ...topic, retentionMs: 3_600_000 };
    const changes = await cluster.planTopics([changed]);
    expect(changes).toEqual([
      {
        kind: 'configure',
        topic: topic.name,
        settings: [{ name: 'retention.ms', from: '-1', to: '3600000' }],
      },
    ]);
    await cluster.applyTopics(changes);
    expect(await cluster.planTopics([changed])).toEqual([]);
  });

  it('leaves every other setting of a topic as it is, also one that an operator made', async () => {
    const topic = declaredTopic(uniqueName('orders'), { cleanup: 'compact' });
    await apply(topic);
    const configEntries = Object.entries({
      'cleanup.policy': 'compact',
      'retention.ms': '-1',
      'min.insync.replicas': '2',
      'segment.bytes': '52428800',
    }).map(([name, value]) => ({ name, value }));
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic.name };
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
    await apply(topic);
    expect(await settingsOf(topic.name)).toMatchObject({
      'cleanup.policy': 'compact',
      'retention.ms': '-1',
      'min.insync.replicas': '1',
      'segment.bytes': '52428800',
    });
  });

  it('refuses another partition count, says why, and makes the other changes', async () => {
    const topic = declaredTopic(uniqueName('orders'));
    await apply(topic);
    const other = declaredTopic(uniqueName('orders'));
    const changes = await cluster.planTopics([{ ...topic, partitions: 6 }, other]);
    expect(changes).toContainEqual({
      kind: 'refuse',
      topic: topic.name,
      reason: expect.stringMatching(/has 3 partitions and 6 are declared.*order/) as string,
    });
    await cluster.applyTopics(changes);
    expect(await cluster.logBounds(topic.name)).toHaveLength(3);
    expect(await cluster.logBounds(other.name)).toHaveLength(3);
  });

  it('may be applied by several at once', async () => {
    const topics = [declaredTopic(uniqueName('orders')), declaredTopic(uniqueName('orders'))];
    const changes = await cluster.planTopics(topics);
    await Promise.all([
      cluster.applyTopics(changes),
      cluster.applyTopics(changes),
      cluster.applyTopics(changes),
    ]);
    expect(await cluster.planTopics(topics)).toEqual([]);
  });

  it('lowers the replication to the brokers there are only when it is asked to', async () => {
    const topic = declaredTopic(uniqueName('orders'), { replication: { factor: 3, minInSync: 2 } });
    await expect(apply(topic)).rejects.toMatchObject({
      code: 'TOPICS_NOT_CREATED',
      message: expect.stringMatching(`${topic.name} \\(.*replication.*--fit-replication`) as string,
    });
    const changes = await cluster.planTopics([topic], { fitReplicationToBrokers: true });
    expect(changes).toEqual([{ kind: 'create', topic, replication: { factor: 1, minInSync: 1 } }]);
    await cluster.applyTopics(changes);
    expect(await cluster.planTopics([topic], { fitReplicationToBrokers: true })).toEqual([]);
  });
});
