import { declaredTopic, serversUnderTest, silentLogger, uniqueName, waitFor } from '@millrace/testing';
import { createKafkaClient, GroupReader, KafkaCluster, LogEnds } from '../index';

describe('where logs end', () => {
  const { brokers } = serversUnderTest();
  const kafka = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger });
  const cluster = new KafkaCluster(kafka);
  const producer = kafka.producer();
  const ends = new LogEnds(kafka);

  beforeAll(() => producer.connect());
  afterAll(() => Promise.all([producer.disconnect(), cluster.close(), ends.close()]));

  async function createTopic(partitions: number): Promise<string> {
    const topic = declaredTopic(uniqueName('ends'), { partitions });
    await cluster.applyTopics(await cluster.planTopics([topic]));
    return topic.name;
  }

  const send = (topic: string, partition: number, count: number) =>
    producer.send({ topic, messages: Array.from({ length: count }, () => ({ value: 'v', partition })) });
  const read = async (...places: [string, number][]) => {
    const found = await ends.read(places.map(([topic, partition]) => ({ topic, partition })));
    return found.map(({ topic, partition, end }) => `${topic}/${partition}=${end}`).sort();
  };

  it('is told of partitions of several topics at once, as they grow', async () => {
    const [a, b] = [await createTopic(3), await createTopic(2)];
    await Promise.all([send(a, 1, 4), send(b, 0, 2)]);
    expect(await read([a, 1], [a, 2], [b, 0])).toEqual([`${a}/1=4`, `${a}/2=0`, `${b}/0=2`].sort());
    await send(a, 2, 3);
    expect(await read([a, 2])).toEqual([`${a}/2=3`]);
  });

  it('is told again after a question about a topic that does not exist', async () => {
    const topic = await createTopic(1);
    await expect(read([topic, 0], [uniqueName('nowhere'), 0])).rejects.toThrow();
    expect(await read([topic, 0])).toEqual([`${topic}/0=0`]);
  });

  it('is told after all else was closed, too', async () => {
    const topic = await createTopic(1);
    await ends.close();
    expect(await read([topic, 0])).toEqual([`${topic}/0=0`]);
  });

  it('is behind the markers of transactions, and so is what a member of a group has left to do', async () => {
    const topic = await createTopic(1);
    const transactional = kafka.producer({
      transactionalId: topic,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await transactional.connect();
    const write = async (outcome: 'commit' | 'abort', end: number) => {
      const transaction = await transactional.transaction();
      await transaction.send({ topic, messages: [{ value: outcome, partition: 0 }] });
      await transaction[outcome]();
      await waitFor('its marker', async () => (await read([topic, 0]))[0] === `${topic}/0=${end}`);
    };
    await write('commit', 2);
    const reader = new GroupReader(kafka, {
      ...{ groupId: uniqueName('group'), topics: [topic], log: silentLogger },
      handlerFor: () => ({
        open: () => Promise.resolve({ kind: 'open', fetchFrom: 0n, nextOffset: 0n }),
        handle: () => Promise.resolve({ kind: 'done' }),
      }),
    });
    reader.start();
    const passed = (offset: bigint) =>
      waitFor(`${offset}`, () => reader.status.partitions[0]?.expected?.from === offset);
    await passed(2n);
    await write('abort', 4);
    await passed(4n);
    expect(reader.status.partitions[0]).toMatchObject({ state: 'running', nextOffset: 1n });
    await reader.stop();
    await transactional.disconnect();
  });
});
