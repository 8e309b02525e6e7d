import { partitionFor } from '@millrace/event';
import {
  declaredTopic,
  diffIds,
  readLog,
  serversUnderTest,
  silentLogger,
  uniqueName,
} from '@millrace/testing';
import type { TopicDefinition } from '@millrace/contracts';
import { createKafkaClient } from '../kafka-client';
import { KafkaCluster } from '../kafka-cluster';
import { LogWriter } from '../log-writer';
import type { LogWriterOptions, RecordToWrite } from '../log-writer';

describe('a log writer', () => {
  const kafka = createKafkaClient({
    brokers: serversUnderTest().brokers,
    clientId: 'specs',
    log: silentLogger,
  });
  const cluster = new KafkaCluster(kafka);
  const writers: LogWriter[] = [];
  afterAll(() => Promise.all([cluster.close(), ...writers.map((writer) => writer.close())]));

  function writerWith(options: Partial<LogWriterOptions> = {}): LogWriter {
    const writer = new LogWriter(kafka, { log: silentLogger, ...options });
    writers.push(writer);
    return writer;
  }

  async function makeTopic(changes: Partial<TopicDefinition> = {}): Promise<string> {
    const topic = declaredTopic(uniqueName('orders'), changes);
    await cluster.applyTopics(await cluster.planTopics([topic]));
    return topic.name;
  }

  const record = (topic: string, key: string | null, id: string, value = Buffer.from(id)): RecordToWrite => ({
    topic,
    key,
    value,
    headers: { ce_id: id },
  });

  it('keeps the order of the calls within a key, over many keys at once, from the very first call', async () => {
    const topic = await makeTopic({ partitions: 6 });
    const writer = writerWith({ maxBatchRecords: 50 });
    const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`);
    const calls = Array.from({ length: 30 }, (_, step) => keys.map((key) => ({ key, id: `${key}/${step}` })));
    const positions = await Promise.all(
      calls.flat().map(({ key, id }) => writer.append(record(topic, key, id))),
    );
    const records = await readLog(topic);
    expect(
      diffIds(
        calls.flat().map(({ id }) => id),
        records.map(({ headers }) => headers['ce_id'] ?? ''),
      ),
    ).toEqual({
      missing: [],
      extra: [],
    });
    for (const key of keys) {
      const ids = records.filter((each) => each.key === key).map(({ headers }) => headers['ce_id']);
      expect(ids).toEqual(calls.map((_, step) => `${key}/${step}`));
    }
    const place = new Map(
      records.map(({ partition, offset, headers }) => [headers['ce_id'], { partition, offset }]),
    );
    calls.flat().forEach(({ id }, index) => {
      expect(positions[index]).toEqual({ topic, ...place.get(id) });
    });
  });

  it('chooses the partition that Kafka’s Java client would choose', async () => {
    const topic = await makeTopic({ partitions: 6 });
    const writer = writerWith();
    // The hashes are those of Kafka's own UtilsTest.testMurmur2.
    const hashes = {
      '21': -973932308,
      foobar: -790332482,
      abc: 479470107,
      'a-little-bit-long-string': -985981536,
    };
    for (const [key, hash] of Object.entries(hashes)) {
      const { partition } = await writer.append(record(topic, key, key));
      expect(partition).toBe((hash & 0x7fffffff) % 6);
      expect(partition).toBe(partitionFor(Buffer.from(key), 6));
    }
  });

  it('spreads records without a key over all partitions', async () => {
    const topic = await makeTopic();
    const writer = writerWith();
    const appends = Array.from({ length: 9 }, (_, index) => writer.append(record(topic, null, `${index}`)));
    const partitions = (await Promise.all(appends)).map(({ partition }) => partition);
    expect([0, 1, 2].map((each) => partitions.filter((partition) => partition === each).length)).toEqual([
      3, 3, 3,
    ]);
    expect((await readLog(topic)).every(({ key }) => key === null)).toBe(true);
  });

  it('refuses a record that the log can never take, and only that one', async () => {
    const topic = await makeTopic({ partitions: 1 });
    const writer = writerWith({ maxBatchBytes: 5_000_000 });
    const large = Buffer.alloc(1_200_000);
    const outcomes = await Promise.allSettled([
      writer.append(record(topic, 'a', 'before')),
      writer.append(record(topic, 'a', 'large', large)),
      writer.append(record(topic, 'a', 'after')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({
      reason: { code: 'RECORD_REFUSED', context: { topic, partition: 0 } },
    });
    expect((await readLog(topic)).map(({ headers }) => headers['ce_id'])).toEqual(['before', 'after']);
  });

  it.each([
    ['records', { maxPendingRecords: 3 }],
    ['bytes', { maxPendingBytes: 3 * 130 }],
  ])(
    'refuses at once what is above its bound in %s, and takes more when that is written',
    async (_what, bound) => {
      const topic = await makeTopic();
      const writer = writerWith(bound);
      const append = (id: string) => writer.append(record(topic, 'k', id));
      const outcomes = await Promise.allSettled([append('1'), append('2'), append('3'), append('4')]);
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'fulfilled',
        'rejected',
      ]);
      expect(outcomes[3]).toMatchObject({ reason: { code: 'WRITER_FULL', retriable: true } });
      await append('5');
      expect((await readLog(topic)).map(({ headers }) => headers['ce_id'])).toEqual(['1', '2', '3', '5']);
    },
  );

  it('says when there is room again, before it would refuse', async () => {
    const topic = await makeTopic();
    const writer = writerWith({ maxPendingRecords: 4 });
    expect(writer.room()).toBeUndefined();
    const appends = ['1', '2', '3'].map((id) => writer.append(record(topic, 'k', id)));
    const room = writer.room();
    expect(room).toBeInstanceOf(Promise);
    await room;
    expect(writer.room()).toBeUndefined();
    await Promise.all(appends);
  });

  it('refuses a record for a topic that does not exist, and goes on with the others', async () => {
    const topic = await makeTopic();
    const writer = writerWith();
    const missing = uniqueName('missing');
    await expect(writer.append(record(missing, 'k', '1'))).rejects.toMatchObject({
      code: 'TOPIC_NOT_FOUND',
      message: expect.stringContaining('millrace topics apply') as string,
    });
    expect(await writer.append(record(topic, 'k', '1'))).toMatchObject({ topic, offset: 0n });
  });

  it('writes everything that it took before it closes, and takes nothing afterwards', async () => {
    const topic = await makeTopic();
    const writer = writerWith();
    const appends = Array.from({ length: 500 }, (_, index) =>
      writer.append(record(topic, `${index}`, `${index}`)),
    );
    await writer.close();
    expect(await Promise.all(appends)).toHaveLength(500);
    expect(await readLog(topic)).toHaveLength(500);
    await expect(writer.append(record(topic, 'k', 'late'))).rejects.toMatchObject({ code: 'WRITER_CLOSED' });
  });
});

describe('a log writer that finds no broker', () => {
  it('answers at the deadline that nothing was written', async () => {
    // Port 9 of loopback is discard, and nobody listens there.
    const kafka = createKafkaClient({ brokers: ['127.0.0.1:9'], clientId: 'specs', log: silentLogger });
    const writer = new LogWriter(kafka, { log: silentLogger, deadlineMs: 300 });
    const startedAt = performance.now();
    const appends = ['1', '2'].map((id) =>
      writer.append({ topic: 'orders', key: id, value: Buffer.from(id), headers: {} }),
    );
    for (const outcome of await Promise.allSettled(appends)) {
      expect(outcome).toMatchObject({ reason: { code: 'WRITE_DEADLINE', outcome: 'not-written' } });
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await writer.close();
  });
});
