import type { PartitionHandler } from '@millrace/delivery';
import {
  growTopic,
  moveGroupOffsets,
  serversUnderTest,
  silentLogger,
  uniqueName,
  waitFor,
} from '@millrace/testing';
import { createKafkaClient, GroupReader, KafkaCluster } from '../index';
import { LogUnderTest } from './log-under-test';

describe('a cluster', () => {
  const log = new LogUnderTest();
  const { kafka, cluster } = log;

  afterAll(() => log.close());

  /** A client whose questions are counted, by Kafka's name of the request. */
  function countRequests() {
    const { brokers } = serversUnderTest();
    const counted = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger });
    const sent: string[] = [];
    const makeAdmin = counted.admin.bind(counted);
    counted.admin = (options) => {
      const admin = makeAdmin(options);
      admin.on(admin.events.REQUEST, ({ payload }) => void sent.push(payload.apiName));
      return admin;
    };
    return { kafka: counted, sent: (name: string) => sent.filter((each) => each === name).length };
  }

  it('tells how a topic is cleaned up', async () => {
    expect(await cluster.cleanupPolicy(await log.createTopic())).toBe('delete');
    const both = await log.createTopic({ cleanup: 'compact,delete', retentionMs: 86_400_000 });
    expect(await cluster.cleanupPolicy(both)).toBe('compact,delete');
    await expect(cluster.cleanupPolicy(uniqueName('nowhere'))).rejects.toMatchObject({
      code: 'TOPIC_NOT_FOUND',
    });
  });

  it('removes a group with its offsets, once and for all', async () => {
    const [topic, groupId] = [await log.createTopic(), uniqueName('group')];
    await moveGroupOffsets(groupId, topic, [5n]);
    expect(await cluster.copiedOffsets(groupId, topic)).toEqual([5n]);
    expect(await cluster.deleteGroup(groupId)).toBe(true);
    expect(await cluster.copiedOffsets(groupId, topic)).toEqual([-1n]);
    expect(await cluster.deleteGroup(groupId)).toBe(true);
  });

  it('tells the copies of a reader of ours from what a tool has set', async () => {
    const [topic, groupId] = [await log.createTopic({ partitions: 2 }), uniqueName('group')];
    await moveGroupOffsets(groupId, topic, [5n, 6n]);
    expect(await cluster.copies(groupId, topic)).toEqual([
      { offset: 5n, isOurs: false },
      { offset: 6n, isOurs: false },
    ]);
    const handlerFor = ({ partition }: { partition: number }): PartitionHandler => ({
      open: () => Promise.resolve({ kind: 'open', fetchFrom: 0n, nextOffset: BigInt(partition) }),
      handle: () => Promise.resolve({ kind: 'done' }),
    });
    const reader = new GroupReader(kafka, { groupId, topics: [topic], handlerFor, log: silentLogger });
    reader.start();
    await waitFor('the partitions', () => reader.status.partitions.length === 2);
    await reader.stop();
    expect(await cluster.copies(groupId, topic)).toEqual([
      { offset: 0n, isOurs: true },
      { offset: 1n, isOurs: true },
    ]);
  });

  it('answers all partitions that are opened at about the same time with the same few requests', async () => {
    const [topic, groupId] = [await log.createTopic({ partitions: 12 }), uniqueName('group')];
    const all = Array.from({ length: 12 }, (_, partition) => partition);
    await moveGroupOffsets(groupId, topic, all.map(BigInt));
    const { kafka: counted, sent } = countRequests();
    const opening = new KafkaCluster(counted);
    const answers = all.map(async (partition) => {
      const copy = (await opening.copies(groupId, topic))[partition];
      const first = (await opening.offsetsAt(topic, 0))[partition];
      return { copy, first, log: (await opening.logBounds(topic))[partition] };
    });
    const opened = await Promise.all(answers).finally(() => opening.close());
    expect(opened).toEqual(
      all.map((partition) => ({
        copy: { offset: BigInt(partition), isOurs: false },
        first: 0n,
        log: { start: 0n, end: 0n },
      })),
    );
    // The start and the end of the log, and the same by time.
    expect(sent('ListOffsets')).toBe(4);
    expect(sent('OffsetFetch')).toBe(1);
  });

  it('asks for the number of partitions each time', async () => {
    const topic = await log.createTopic();
    expect(await cluster.logBounds(topic)).toHaveLength(1);
    await growTopic(topic, 3);
    expect(await cluster.logBounds(topic)).toHaveLength(3);
  });

  it('does not remove a group under its members', async () => {
    const [topic, groupId] = [await log.createTopic(), uniqueName('group')];
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    await consumer.run({ eachMessage: () => Promise.resolve() });
    expect(await cluster.deleteGroup(groupId)).toBe(false);
    await consumer.disconnect();
    expect(await cluster.deleteGroup(groupId)).toBe(true);
  });
});
