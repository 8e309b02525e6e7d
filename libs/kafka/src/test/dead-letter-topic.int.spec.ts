import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { declaredTopic, serversUnderTest, silentLogger, uniqueName } from '@millrace/testing';
import { ensureDeadLetterTopic } from '../dead-letter-topic';
import { createKafkaClient } from '../kafka-client';
import { KafkaCluster } from '../kafka-cluster';

describe('the topic of a group’s dead letters', () => {
  const { brokers } = serversUnderTest();
  const kafka = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger });
  const cluster = new KafkaCluster(kafka);
  const admin = kafka.admin();
  beforeAll(() => admin.connect());
  afterAll(() => Promise.all([cluster.close(), admin.disconnect()]));

  async function makeSource(
    partitions: number,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const topic = uniqueName('orders');
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }],
    });
    return topic;
  }

  async function settingsOf(name: string): Promise<Record<string, string>> {
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name };
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    const entries = resources[0]?.configEntries ?? [];
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  }

  it('is made after its sources: as many partitions as the largest, and room for their largest record', async () => {
    const group = uniqueName('mailer');
    const sources = [
      await makeSource(2, { 'max.message.bytes': '2000000' }),
      await makeSource(5, { 'cleanup.policy': 'compact', 'retention.ms': '1000' }),
    ];
    const name = await cluster.ensureDeadLetterTopic(group, { sources });
    expect(name).toBe(`${group}.dlq`);
    expect(await cluster.logBounds(name)).toHaveLength(5);
    expect(await settingsOf(name)).toMatchObject({
      'cleanup.policy': 'delete',
      'retention.ms': String(14 * 24 * 3_600_000),
      'min.insync.replicas': '1',
      'max.message.bytes': String(2_000_000 + 32_768),
    });
  });

  it('keeps its records as long as it is told when it is made', async () => {
    const sources = [await makeSource(1)];
    const name = await cluster.ensureDeadLetterTopic(uniqueName('mailer'), { sources, retentionMs: 60_000 });
    expect(await settingsOf(name)).toMatchObject({ 'retention.ms': '60000' });
  });

  it('is made once when several members start together', async () => {
    const group = uniqueName('mailer');
    const sources = [await makeSource(3)];
    const members = Array.from({ length: 4 }, () => new KafkaCluster(kafka));
    try {
      const names = await Promise.all(members.map((each) => each.ensureDeadLetterTopic(group, { sources })));
      expect(new Set(names)).toEqual(new Set([`${group}.dlq`]));
      expect(await cluster.logBounds(`${group}.dlq`)).toHaveLength(3);
    } finally {
      await Promise.all(members.map((each) => each.close()));
    }
  });

  it('stays as it is when it is there, whatever an operator has made of it', async () => {
    const group = uniqueName('mailer');
    const configEntries = [{ name: 'retention.ms', value: '-1' }];
    await admin.createTopics({ topics: [{ topic: `${group}.dlq`, numPartitions: 1, configEntries }] });
    await cluster.ensureDeadLetterTopic(group, { sources: [await makeSource(3)] });
    expect(await cluster.logBounds(`${group}.dlq`)).toHaveLength(1);
    expect(await settingsOf(`${group}.dlq`)).toMatchObject({ 'retention.ms': '-1' });
  });

  it('is not made for a source that is not there', async () => {
    const group = uniqueName('mailer');
    const sources = [declaredTopic(uniqueName('orders')).name];
    await expect(cluster.ensureDeadLetterTopic(group, { sources })).rejects.toMatchObject({
      code: 'TOPIC_NOT_FOUND',
      message: expect.stringContaining(sources[0]!) as string,
    });
    await expect(cluster.logBounds(`${group}.dlq`)).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
  });

  it('says what the broker had against it', async () => {
    // Kafka takes names that differ only in `.` and `_` for the same in its metrics, and refuses the second.
    const group = uniqueName('mailer');
    const sources = [await makeSource(1)];
    await admin.createTopics({ topics: [{ topic: `${group}_dlq`, numPartitions: 1 }] });
    await expect(cluster.ensureDeadLetterTopic(group, { sources })).rejects.toMatchObject({
      code: 'DEAD_LETTER_TOPIC_REFUSED',
      message: expect.stringMatching(new RegExp(`${group}\\.dlq.*create it beforehand`)) as string,
    });
  });

  it('says it when this service may not see it', async () => {
    const forbidden = Object.assign(new Error('Topic authorization failed'), {
      type: 'TOPIC_AUTHORIZATION_FAILED',
    });
    const blind = { fetchTopicMetadata: () => Promise.reject(forbidden) } as unknown as Admin;
    await expect(ensureDeadLetterTopic(blind, 'mailer', { sources: ['orders'] })).rejects.toMatchObject({
      code: 'DEAD_LETTER_TOPIC_REFUSED',
      cause: forbidden,
    });
  });
});
