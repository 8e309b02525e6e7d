import type { LogRange } from '../index';
import { LogUnderTest } from './log-under-test';
import { numbers, readTexts } from './range-texts';

describe('reading ranges of a log with gaps', () => {
  const log = new LogUnderTest();
  beforeAll(() => log.open());
  afterAll(() => log.close());

  const read = (ranges: readonly LogRange[]) => readTexts(log.kafka, ranges);

  it('gives neither markers nor what was aborted, from whatever offset it begins, to whatever one it ends', async () => {
    const topic = await log.createTopic();
    const one = await log.transactional(topic);
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
    await log.readable(topic, 7n);
    const given = [
      { offset: 0n, text: '0/0=a' },
      { offset: 5n, text: '0/5=d' },
    ];
    for (let from = 0n; from <= 7n; from++) {
      for (let to = from; to <= 7n; to++) {
        const expected = given.filter(({ offset }) => offset >= from && offset < to).map(({ text }) => text);
        expect([from, to, await read([{ topic, partition: 0, from, to }])]).toEqual([from, to, expected]);
      }
    }
    expect(await read([{ topic, partition: 0, from: 0n }])).toEqual(['0/0=a', '0/5=d']);
  });

  it('tells two aborted transactions apart that lie in each other, also when it begins within them', async () => {
    const topic = await log.createTopic();
    const [one, two] = [await log.transactional(topic), await log.transactional(topic)];
    const [first, second] = [await one.transaction(), await two.transaction()];
    const key = Buffer.alloc(4);
    // 0 first, 1 second, 2 plain, 3 second, 4 first, 5 and 6 the markers, 7 plain. The key looks like a marker's.
    await first.send({ topic, messages: [{ key, value: 'first' }] });
    await second.send({ topic, messages: [{ key, value: 'second' }] });
    await log.producer.send({ topic, messages: [{ key, value: 'plain' }] });
    await second.send({ topic, messages: [{ key, value: 'second' }] });
    await first.send({ topic, messages: [{ key, value: 'first' }] });
    await first.abort();
    await second.abort();
    await log.readable(topic, 7n);
    await log.producer.send({ topic, messages: [{ key, value: 'plain' }] });
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
    const topic = await log.createTopic();
    const one = await log.transactional(topic);
    await log.send(topic, ['before']);
    const transaction = await one.transaction();
    await transaction.send({ topic, messages: [{ value: 'open' }] });
    await log.send(topic, ['behind']);
    expect(await read([{ topic, partition: 0, from: 0n }])).toEqual(['0/0=before']);
    const reading = read([{ topic, partition: 0, from: 0n, to: 3n }]);
    await transaction.commit();
    expect(await reading).toEqual(['0/0=before', '0/1=open', '0/2=behind']);
    await one.disconnect();
  });

  it('passes what compaction has taken, and ends also when its end lies in the gap', async () => {
    const topic = await log.createTopic({ cleanup: 'compact' });
    // An idempotent producer's last batch is kept without records once they are gone.
    const idempotent = log.kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await idempotent.connect();
    await idempotent.send({ topic, messages: numbers(0, 5).map((value) => ({ key: 'k', value })) });
    await idempotent.disconnect();
    await log.send(topic, numbers(5, 10));
    const at = (from: bigint, to: bigint) => read([{ topic, partition: 0, from, to }]);
    await log.compact(topic, async () => (await at(0n, 10n)).length === 1);
    expect(await at(0n, 10n)).toEqual(['0/9=9']);
    for (let to = 1n; to < 10n; to++) expect([to, await at(0n, to)]).toEqual([to, []]);
    for (let from = 1n; from < 10n; from++) expect([from, await at(from, 10n)]).toEqual([from, ['0/9=9']]);
  });
});
