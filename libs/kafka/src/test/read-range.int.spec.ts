import { deleteRecordsBefore, serversUnderTest, silentLogger, uniqueName, waitFor } from '@millrace/testing';
import type { Kafka } from 'kafkajs';
import { createKafkaClient, readRange } from '../index';
import type { LogRange, ReadRangeOptions } from '../index';
import { LogUnderTest } from './log-under-test';
import { numbers, readTexts } from './range-texts';
import { withSilentBroker } from './silent-broker';

describe('reading ranges of the log', () => {
  const log = new LogUnderTest();
  beforeAll(() => log.open());
  afterAll(() => log.close());

  const { kafka } = log;
  const read = (ranges: readonly LogRange[], options?: ReadRangeOptions) => readTexts(kafka, ranges, options);

  it('gives what lies from the first offset up to the last, and not that one', async () => {
    const topic = await log.createTopic();
    await log.send(topic, numbers(0, 10));
    expect(await read([{ topic, partition: 0, from: 3n, to: 6n }])).toEqual(['0/3=3', '0/4=4', '0/5=5']);
    expect(await read([{ topic, partition: 0, from: 3n, to: 3n }])).toEqual([]);
    expect(await read([])).toEqual([]);
  });

  it('ends where the log ended at the beginning, while the topic grows', async () => {
    const topic = await log.createTopic();
    await log.send(topic, numbers(0, 3));
    const seen: string[] = [];
    for await (const { value } of readRange(kafka, [{ topic, partition: 0, from: 0n }])) {
      if (seen.length === 0) await log.send(topic, ['late']);
      seen.push(String(value));
    }
    expect(seen).toEqual(['0', '1', '2']);
    expect(await read([{ topic, partition: 0, from: 4n }])).toEqual([]);
  });

  it('reads several partitions of several topics, each in order', async () => {
    const topics = [await log.createTopic({ partitions: 2 }), await log.createTopic()] as const;
    for (const [topic, partition] of [
      [topics[0], 0],
      [topics[0], 1],
      [topics[1], 0],
    ] as const) {
      for (let from = 0; from < 300; from += 100) await log.send(topic, numbers(from, from + 100), partition);
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
    const topic = await log.createTopic();
    await log.send(topic, ['0']);
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
      await log.send(topic, [`${next}`]);
    }
    await waitFor('the last one', () => Promise.resolve(seen.length === 4));
    const reason = new Error('enough');
    end.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(seen).toEqual(['0', '1', '2', '3']);
  });

  it('waits for an end that the log has not reached yet', async () => {
    const topic = await log.createTopic();
    await log.send(topic, ['0']);
    const reading = read([{ topic, partition: 0, from: 0n, to: 2n }]);
    await log.send(topic, ['1', '2']);
    expect(await reading).toEqual(['0/0=0', '0/1=1']);
  });

  it('reads no faster than its records are taken', async () => {
    const topic = await log.createTopic();
    const wide = 'x'.repeat(100_000);
    for (let sent = 0; sent < 25; sent++) await log.send(topic, Array<string>(8).fill(wide));
    const fetched: string[] = [];
    const { brokers } = serversUnderTest();
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

  it('refuses to begin where the log does not begin yet or has ended, and says what there is', async () => {
    const topic = await log.createTopic();
    await log.send(topic, numbers(0, 5));
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
    await withSilentBroker((port) =>
      expect(ask(port, { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({ name: 'TimeoutError' }),
    );
  });
});

/** Notes every fetch request of a client. */
function noteFetches(kafka: Kafka, fetched: string[]): Kafka {
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
