import {
  declaredTopic,
  growTopic,
  JavaClient,
  serversUnderTest,
  silentLogger,
  uniqueName,
  waitFor,
} from '@millrace/testing';
import { createKafkaClient } from '../kafka-client';
import { KafkaCluster } from '../kafka-cluster';
import { readRange } from '../read-range';
import { classifyWriteFailure } from '../write-failure';
import { hex, textRecord } from './plain-record';
import type { PlainRecord } from './plain-record';
import { readWithJava } from './read-with-java';
import type { senders } from './senders-under-test';

const SPRING_2001 = Date.UTC(2001, 3, 1);

/** Records of every shape that a log takes. */
const shapes: readonly PlainRecord[] = [
  { key: Buffer.from('k'), value: Buffer.from('v'), headers: {}, timestampMs: SPRING_2001 },
  { key: null, value: Buffer.from('no key'), headers: {}, timestampMs: SPRING_2001 + 1 },
  { key: Buffer.from('tombstone'), value: null, headers: {}, timestampMs: SPRING_2001 - 86_400_000 },
  { key: Buffer.alloc(0), value: Buffer.alloc(0), headers: {}, timestampMs: SPRING_2001 },
  {
    key: Buffer.from('Zürich 航班 😀'),
    value: Buffer.from('ändern'),
    headers: { 'ce_größe 😀': Buffer.from('航班'), empty: Buffer.alloc(0) },
    timestampMs: SPRING_2001 + 20 * 365 * 86_400_000,
  },
  {
    key: Buffer.from([0, 0xff, 0x80]),
    value: Buffer.alloc(200_000, 'large'),
    headers: Object.fromEntries(
      Array.from({ length: 70 }, (_, index) => [`header-${index}`, Buffer.alloc(index * 3, index)]),
    ),
    timestampMs: 0,
  },
];

/**
 * What every way of writing batches has to do, so that the log writer can run on it. Needs the stack of the integration tier.
 */
export function describeBatchSender({ name, make }: (typeof senders)[number]): void {
  describe(`written by ${name}`, () => {
    const { brokers } = serversUnderTest();
    const kafka = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger });
    const cluster = new KafkaCluster(kafka);
    const sender = make(kafka);
    afterAll(() => Promise.all([sender.close(), cluster.close()]));

    async function makeTopic(partitions = 1): Promise<string> {
      const topic = declaredTopic(uniqueName('batches'), { partitions });
      await cluster.applyTopics(await cluster.planTopics([topic]));
      return topic.name;
    }

    async function read(topic: string, partition = 0) {
      const records = [];
      for await (const record of readRange(kafka, [{ topic, partition, from: 0n }])) records.push(record);
      return records;
    }

    const textsIn = async (topic: string, partition = 0): Promise<string[]> =>
      (await read(topic, partition)).map(({ value }) => String(value));

    it('records of every shape are read back by kafkajs as they were', async () => {
      const topic = await makeTopic();
      expect(await sender.write(topic, 0, shapes)).toBe(0n);
      const records = await read(topic);
      expect(
        records.map((record, index) => ({
          ...{ offset: record.offset, key: hex(record.key), value: hex(record.value) },
          timestampMs: record.timestampMs,
          headers: Object.keys(shapes[index]?.headers ?? {}).map((each) => record.header(each)),
        })),
      ).toEqual(
        shapes.map(({ key, value, timestampMs, headers }, index) => ({
          ...{ offset: BigInt(index), key: hex(key), value: hex(value), timestampMs },
          headers: Object.values(headers).map(String),
        })),
      );
    });

    it('records of every shape are read back by Java as they were', async () => {
      const topic = await makeTopic();
      await sender.write(topic, 0, shapes);
      const java = await JavaClient.open();
      try {
        expect(await readWithJava(java, brokers, topic)).toEqual(
          shapes.map(({ key, value, timestampMs, headers }, offset) => ({
            ...{ offset, key: hex(key), value: hex(value), timestampMs },
            headers: Object.entries(headers).map(([each, bytes]) => [each, hex(bytes)]),
          })),
        );
      } finally {
        await java.close();
      }
    });

    it('batches lie behind one another, and every answer is the offset of the batch’s first record', async () => {
      const topic = await makeTopic();
      const sizes = [3, 1, 1_000, 7];
      const offsets: bigint[] = [];
      for (const [batch, size] of sizes.entries()) {
        const records = Array.from({ length: size }, (_, index) => textRecord(`${batch}/${index}`));
        offsets.push(await sender.write(topic, 0, records));
      }
      expect(offsets).toEqual([0n, 3n, 4n, 1_004n]);
      expect(await textsIn(topic)).toEqual(
        sizes.flatMap((size, batch) => Array.from({ length: size }, (_, index) => `${batch}/${index}`)),
      );
    });

    it('batches for many partitions and topics at once have answers of their own', async () => {
      const topics = await Promise.all([makeTopic(5), makeTopic(2)]);
      const places = topics.flatMap((topic, index) =>
        Array.from({ length: index === 0 ? 5 : 2 }, (_, partition) => ({ topic, partition })),
      );
      for (const round of [0, 1, 2]) {
        const offsets = await Promise.all(
          places.map(({ topic, partition }) =>
            sender.write(
              topic,
              partition,
              Array(partition + 1).fill(textRecord(`${topic}/${partition}/${round}`)),
            ),
          ),
        );
        expect(offsets).toEqual(places.map(({ partition }) => BigInt(round * (partition + 1))));
      }
      for (const { topic, partition } of places) {
        expect(new Set(await textsIn(topic, partition))).toEqual(
          new Set([0, 1, 2].map((round) => `${topic}/${partition}/${round}`)),
        );
      }
    });

    it('a record that is too large for the topic is refused with its batch, and the next batch is written', async () => {
      const topic = await makeTopic(2);
      const large = { ...textRecord(''), value: Buffer.alloc(1_200_000) };
      const [refused, beside] = await Promise.allSettled([
        sender.write(topic, 0, [textRecord('with it'), large]),
        sender.write(topic, 1, [textRecord('beside it')]),
      ]);
      expect(failureOf(refused)).toBe('refused');
      expect(beside).toEqual({ status: 'fulfilled', value: 0n });
      expect(await sender.write(topic, 0, [textRecord('after it')])).toBe(0n);
      expect(await textsIn(topic)).toEqual(['after it']);
    });

    it('a topic that does not exist is no reason to refuse for good, nor to fail others, and is found once it does', async () => {
      const topic = await makeTopic();
      const missing = declaredTopic(uniqueName('batches'), { partitions: 1 });
      const [outcome, beside] = await Promise.allSettled([
        sender.write(missing.name, 0, [textRecord('early')]),
        sender.write(topic, 0, [textRecord('beside')]),
      ]);
      expect(failureOf(outcome)).toMatch(/^(not-written|unknown)$/);
      expect(beside).toEqual({ status: 'fulfilled', value: 0n });
      await cluster.applyTopics(await cluster.planTopics([missing]));
      const offset = await waitFor('the topic to be found', () =>
        sender.write(missing.name, 0, [textRecord('found')]),
      );
      expect(offset).toBe(0n);
    });

    it('a partition that was added is found', async () => {
      const topic = await makeTopic(1);
      await sender.write(topic, 0, [textRecord('before')]);
      await expect(sender.write(topic, 1, [textRecord('early')])).rejects.toThrow();
      await growTopic(topic, 2);
      const offset = await waitFor('the partition to be found', () =>
        sender.write(topic, 1, [textRecord('found')]),
      );
      expect([offset, await textsIn(topic, 1)]).toEqual([0n, ['found']]);
    });

    it('a topic that was deleted fails no other', async () => {
      const [topic, deleted] = [await makeTopic(), await makeTopic()];
      await sender.write(topic, 0, [textRecord('0')]);
      await sender.write(deleted, 0, [textRecord('gone')]);
      const admin = kafka.admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [deleted] });
      await admin.disconnect();
      await waitFor('the deletion to be noticed', async () =>
        sender.write(deleted, 0, [textRecord('late')]).then(
          () => false,
          () => true,
        ),
      );
      await waitFor('the other topic', () => sender.write(topic, 0, [textRecord('1')]));
      expect([...new Set(await textsIn(topic))]).toEqual(['0', '1']);
    });
  });
}

function failureOf(outcome: PromiseSettledResult<unknown> | undefined): string {
  return outcome?.status === 'rejected' ? classifyWriteFailure(outcome.reason as Error) : 'no failure';
}
