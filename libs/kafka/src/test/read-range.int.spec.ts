// The whole contract of one function, against one broker: its cases share the topics' helpers and read as one list.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { deleteRecordsBefore, serversUnderTest, silentLogger, uniqueName, waitFor } from '@millrace/testing';
import kafkajs from 'kafkajs';
import type { Producer } from 'kafkajs';
import { createKafkaClient, KafkaCluster, readRange } from '../index';
import type { LogRange, ReadRangeOptions } from '../index';
import { declaredTopic } from './declared-topic';

describe('reading ranges of the log', () => {
  const { brokers } = serversUnderTest();
  const kafka = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger });
  const cluster = new KafkaCluster(kafka);
  const admin = kafka.admin();
  const producer = kafka.producer();

  beforeAll(() => Promise.all([admin.connect(), producer.connect()]));
  afterAll(() => Promise.all([admin.disconnect(), producer.disconnect(), cluster.close()]));

  async function createTopic(changes: Parameters<typeof declaredTopic>[1] = {}): Promise<string> {
    const topic = declaredTopic(uniqueName('range'), { partitions: 1, ...changes });
    await cluster.applyTopics(await cluster.planTopics([topic]));
    return topic.name;
  }

  const send = (topic: string, values: readonly string[], partition = 0) =>
    producer.send({ topic, messages: values.map((value) => ({ key: 'k', value, partition })) });

  /** `partition/offset=value` of each record, until the end or until `enough` have come. */
  async function read(ranges: readonly LogRange[], options: ReadRangeOptions = {}, enough = Infinity) {
    const texts: string[] = [];
    const signal = options.signal ?? AbortSignal.timeout(30_000);
    for await (const { partition, offset, value } of readRange(kafka, ranges, { ...options, signal })) {
      texts.push(`${partition}/${offset}=${value?.toString()}`);
      if (texts.length >= enough) break;
    }
    return texts;
  }

  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);

  it('gives what lies from the first offset up to the last, and not that one', async () => {
    const topic = await createTopic();
    await send(topic, numbers(0, 10));
    expect(await read([{ topic, partition: 0, from: 3n, to: 6n }])).toEqual(['0/3=3', '0/4=4', '0/5=5']);
    expect(await read([{ topic, partition: 0, from: 3n, to: 3n }])).toEqual([]);
    expect(await read([])).toEqual([]);
  });

  it('ends where the log ended at the beginning, while the topic grows', async () => {
    const topic = await createTopic();
    await send(topic, numbers(0, 3));
    const seen: string[] = [];
    for await (const { value } of readRange(kafka, [{ topic, partition: 0, from: 0n }])) {
      if (seen.length === 0) await send(topic, ['late']);
      seen.push(String(value));
    }
    expect(seen).toEqual(['0', '1', '2']);
    expect(await read([{ topic, partition: 0, from: 4n }])).toEqual([]);
  });

  it('reads several partitions of several topics, each in order', async () => {
    const topics = [await createTopic({ partitions: 2 }), await createTopic()] as const;
    for (const [topic, partition] of [
      [topics[0], 0],
      [topics[0], 1],
      [topics[1], 0],
    ] as const) {
      for (let from = 0; from < 300; from += 100) await send(topic, numbers(from, from + 100), partition);
    }
    const seen = new Map<string, string[]>();
    const ranges = [
      { topic: topics[0], partition: 0, from: 0n },
      { topic: topics[0], partition: 1, from: 250n },
      { topic: topics[1], partition: 0, from: 10n, to: 210n },
    ];
    for await (const { topic, partition, value } of readRange(kafka, ranges)) {
      const where = `${topics.indexOf(topic)}/${partition}`;
      seen.set(where, [...(seen.get(where) ?? []), String(value)]);
    }
    expect(Object.fromEntries(seen)).toEqual({
      '0/0': numbers(0, 300),
      '0/1': numbers(250, 300),
      '1/0': numbers(10, 210),
    });
  });

  it('follows a topic as it grows, until it is told to end', async () => {
    const topic = await createTopic();
    await send(topic, ['0']);
    const end = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      const options = { follow: true, signal: end.signal };
      for await (const { value } of readRange(kafka, [{ topic, partition: 0, from: 0n }], options)) {
        seen.push(String(value));
      }
    })();
    for (const next of [1, 2, 3]) {
      await waitFor('what is there', () => Promise.resolve(seen.length === next));
      await send(topic, [`${next}`]);
    }
    await waitFor('the last one', () => Promise.resolve(seen.length === 4));
    const reason = new Error('enough');
    end.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(seen).toEqual(['0', '1', '2', '3']);
  });

  it('waits for an end that the log has not reached yet', async () => {
    const topic = await createTopic();
    await send(topic, ['0']);
    const reading = read([{ topic, partition: 0, from: 0n, to: 2n }]);
    await send(topic, ['1', '2']);
    expect(await reading).toEqual(['0/0=0', '0/1=1']);
  });

  it('reads no faster than its records are taken', async () => {
    const topic = await createTopic();
    const wide = 'x'.repeat(100_000);
    for (let sent = 0; sent < 25; sent++) await send(topic, Array<string>(8).fill(wide));
    const fetched: string[] = [];
    const counting = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger });
    const broker = noteFetches(counting, fetched);
    const records = readRange(broker, [{ topic, partition: 0, from: 0n }], {
      signal: AbortSignal.timeout(30_000),
    });
    await records.next();
    const before = fetched.length;
    // A second reader gets to the end meanwhile: the first one would have had the time.
    expect(await read([{ topic, partition: 0, from: 0n }])).toHaveLength(200);
    expect(fetched.length - before).toBeLessThanOrEqual(1);
    let rest = 1;
    for await (const _record of records) rest += 1;
    expect(rest).toBe(200);
    expect(fetched.length).toBeGreaterThan(10);
  });

  describe('with transactions', () => {
    const transactional = async (topic: string): Promise<Producer> => {
      const made = kafka.producer({
        transactionalId: uniqueName(topic),
        maxInFlightRequests: 1,
        idempotent: true,
      });
      await made.connect();
      return made;
    };
    const readable = (topic: string, end: bigint) =>
      waitFor('the end', async () => (await cluster.logBounds(topic))[0]?.end === end);

    it('gives neither markers nor what was aborted, from whatever offset it begins, to whatever one it ends', async () => {
      const topic = await createTopic();
      const one = await transactional(topic);
      // 0 committed, 1 its marker, 2 and 3 aborted, 4 its marker, 5 committed, 6 its marker at the end of the log.
      for (const [outcome, values] of [
        ['commit', ['a']],
        ['abort', ['b', 'c']],
        ['commit', ['d']],
      ] as const) {
        const transaction = await one.transaction();
        await transaction.send({ topic, messages: values.map((value) => ({ value })) });
        await transaction[outcome]();
      }
      await one.disconnect();
      await readable(topic, 7n);
      const given = [
        { offset: 0n, text: '0/0=a' },
        { offset: 5n, text: '0/5=d' },
      ];
      for (let from = 0n; from <= 7n; from++) {
        for (let to = from; to <= 7n; to++) {
          const expected = given
            .filter(({ offset }) => offset >= from && offset < to)
            .map(({ text }) => text);
          expect([from, to, await read([{ topic, partition: 0, from, to }])]).toEqual([from, to, expected]);
        }
      }
      expect(await read([{ topic, partition: 0, from: 0n }])).toEqual(['0/0=a', '0/5=d']);
    });

    it('tells two aborted transactions apart that lie in each other, also when it begins within them', async () => {
      const topic = await createTopic();
      const [one, two] = [await transactional(topic), await transactional(topic)];
      const [first, second] = [await one.transaction(), await two.transaction()];
      const key = Buffer.alloc(4);
      // 0 first, 1 second, 2 plain, 3 second, 4 first, 5 and 6 the markers, 7 plain. The key looks like a marker's.
      await first.send({ topic, messages: [{ key, value: 'first' }] });
      await second.send({ topic, messages: [{ key, value: 'second' }] });
      await producer.send({ topic, messages: [{ key, value: 'plain' }] });
      await second.send({ topic, messages: [{ key, value: 'second' }] });
      await first.send({ topic, messages: [{ key, value: 'first' }] });
      await first.abort();
      await second.abort();
      await readable(topic, 7n);
      await producer.send({ topic, messages: [{ key, value: 'plain' }] });
      await Promise.all([one.disconnect(), two.disconnect()]);
      const expected = ['0/2=plain', '0/7=plain'];
      for (let from = 0n; from <= 7n; from++) {
        expect([from, await read([{ topic, partition: 0, from, to: 8n }])]).toEqual([
          from,
          from <= 2n ? expected : expected.slice(1),
        ]);
      }
    });

    it('ends before a transaction that is open, or waits for it when told to go beyond', async () => {
      const topic = await createTopic();
      const one = await transactional(topic);
      await send(topic, ['before']);
      const transaction = await one.transaction();
      await transaction.send({ topic, messages: [{ value: 'open' }] });
      await send(topic, ['behind']);
      expect(await read([{ topic, partition: 0, from: 0n }])).toEqual(['0/0=before']);
      const reading = read([{ topic, partition: 0, from: 0n, to: 3n }]);
      await transaction.commit();
      expect(await reading).toEqual(['0/0=before', '0/1=open', '0/2=behind']);
      await one.disconnect();
    });
  });

  it('passes what compaction has taken, and ends also when its end lies in the gap', async () => {
    const topic = await createTopic({ cleanup: 'compact' });
    const settings = {
      'cleanup.policy': 'compact',
      'segment.bytes': '1048576',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'max.compaction.lag.ms': '100',
    };
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    });
    // An idempotent producer's last batch is kept without records once they are gone.
    const idempotent = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await idempotent.connect();
    await idempotent.send({ topic, messages: numbers(0, 5).map((value) => ({ key: 'k', value })) });
    await idempotent.disconnect();
    await send(topic, numbers(5, 10));
    const at = (from: bigint, to: bigint) => read([{ topic, partition: 0, from, to }]);
    await waitFor('the compaction', async () => {
      // The segment that is written to is never compacted: a record makes Kafka begin another one.
      await producer.send({ topic, messages: [{ key: 'other', value: '' }] });
      return (await at(0n, 10n)).length === 1;
    });
    expect(await at(0n, 10n)).toEqual(['0/9=9']);
    for (let to = 1n; to < 10n; to++) expect([to, await at(0n, to)]).toEqual([to, []]);
    for (let from = 1n; from < 10n; from++) expect([from, await at(from, 10n)]).toEqual([from, ['0/9=9']]);
  });

  it('refuses to begin where the log does not begin yet or has ended, and says what there is', async () => {
    const topic = await createTopic();
    await send(topic, numbers(0, 5));
    await deleteRecordsBefore(topic, 0, 2n);
    const refused = (from: bigint, partition = 0) =>
      expect(read([{ topic, partition, from }])).rejects.toMatchObject({
        code: 'RANGE_NOT_IN_LOG',
        context: { topic, partition, offset: from.toString() },
      });
    await refused(1n);
    await refused(6n);
    await refused(0n, 1);
    await expect(read([{ topic, partition: 0, from: 1n }])).rejects.toThrow(
      /offset 1: it holds offsets 2 up to 5/,
    );
    expect(await read([{ topic, partition: 0, from: 2n }])).toHaveLength(3);
    const nowhere = { topic: uniqueName('nowhere'), partition: 0, from: 0n };
    await expect(read([nowhere])).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
  });

  it('says so when no broker answers, and when one takes the call and stays silent', async () => {
    const calls: Socket[] = [];
    const silent = createServer((call) => calls.push(call)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const ask = (port: number, options: ReadRangeOptions) =>
      readRange(
        createKafkaClient({
          brokers: [`127.0.0.1:${port}`],
          clientId: 'specs',
          log: silentLogger,
          retries: 0,
        }),
        [{ topic: 'orders', partition: 0, from: 7n }],
        options,
      ).next();
    await expect(ask(1, { patienceMs: 500 })).rejects.toMatchObject({
      code: 'KAFKA_UNAVAILABLE',
      message: expect.stringContaining('orders/0/7') as string,
    });
    const port = (silent.address() as AddressInfo).port;
    await expect(ask(port, { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    silent.close();
    for (const call of calls) call.destroy();
  });
});

/** Notes every fetch request of a client. */
function noteFetches(kafka: kafkajs.Kafka, fetched: string[]): kafkajs.Kafka {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) =>
    description?.endsWith('createCluster'),
  )!;
  const create = Reflect.get(kafka, symbol) as (options: object) => {
    findBroker(of: object): Promise<{ fetch(request: object): Promise<unknown> }>;
  };
  Reflect.set(kafka, symbol, (options: object) => {
    const made = create(options);
    const findBroker = made.findBroker.bind(made);
    made.findBroker = async (of) => {
      const broker = await findBroker(of);
      return {
        fetch: (request) => {
          fetched.push('fetch');
          return broker.fetch(request);
        },
      };
    };
    return made;
  });
  return kafka;
}
