import { jest } from '@jest/globals';
import { parsePosition } from '@millrace/event';
import { deleteRecordsBefore, silentLogger, TrialTopic, uniqueName } from '@millrace/testing';
import { createKafkaClient, readRecords } from '../index';
import { LogUnderTest } from './log-under-test';
import { withSilentBroker } from './silent-broker';

const OPTIONS = { timeoutMs: 30_000 };

describe('reading single records', () => {
  const log = new LogUnderTest();
  beforeAll(() => log.open());
  afterAll(() => log.close());

  const { kafka } = log;
  const textAt = async (positions: readonly string[]) => {
    const records = await readRecords(kafka, positions.map(parsePosition), OPTIONS);
    return records.map((record) => record?.header('ce_id'));
  };

  it('gives them in the order they were asked for, from several topics and partitions, repeats included', async () => {
    const trials = await Promise.all([0, 1].map(() => TrialTopic.create({ Sent: [] })));
    const [first, second] = trials as [TrialTopic, TrialTopic];
    const at: string[] = [];
    for (const [trial, partition] of [
      [first, 0],
      [first, 2],
      [second, 1],
      [first, 2],
      [first, 2],
    ] as const) {
      at.push(await trial.publish('Sent', trial.keyIn(partition), {}, `event-${at.length}`));
    }
    await Promise.all(trials.map((trial) => trial.close()));
    expect(await textAt([at[4]!, at[2]!, at[0]!, at[4]!, at[1]!])).toEqual([
      'event-4',
      'event-2',
      'event-0',
      'event-4',
      'event-1',
    ]);
    const [record] = await readRecords(kafka, [parsePosition(at[2]!)], OPTIONS);
    expect(record).toMatchObject({ ...parsePosition(at[2]!), timestampMs: expect.any(Number) as number });
    expect(record?.key?.toString()).toBe(second.keyIn(1));
  });

  it('gives several of one partition that lie further apart than one fetch reaches', async () => {
    const trial = await TrialTopic.create({ Sent: [] }, 1);
    const wide = Buffer.alloc(60_000);
    const at: string[] = [];
    for (const id of ['a', 'b', 'c', 'd']) at.push(await trial.publishValue('key', wide, id));
    await trial.close();
    expect(await textAt([at[3]!, at[0]!])).toEqual(['d', 'a']);
  });

  it('gives nothing for an offset outside the log, a partition that is not there, and no offsets at all', async () => {
    const trial = await TrialTopic.create({ Sent: [] }, 1);
    for (const id of ['a', 'b', 'c']) await trial.publish('Sent', 'key', {}, id);
    await trial.close();
    await deleteRecordsBefore(trial.name, 0, 1n);
    const wanted = ['0/0', '0/1', '0/2', '0/3', '0/9', '7/0'].map((where) => `${trial.name}/${where}`);
    expect(await textAt(wanted)).toEqual([undefined, 'b', 'c', undefined, undefined, undefined]);
    expect(await readRecords(kafka, [], OPTIONS)).toEqual([]);
  });

  it('gives nothing for the marker of a transaction, nor for what was aborted, nor the record behind them', async () => {
    const topic = await log.createTopic();
    const producer = await log.transactional(topic);
    // Offsets: 0 committed, 1 its marker, 2 aborted, 3 its marker, 4 committed, 5 its marker at the end of the log.
    for (const outcome of ['commit', 'abort', 'commit'] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: outcome }] });
      await transaction[outcome]();
    }
    await producer.disconnect();
    await log.readable(topic, 6n);
    const positions = [0n, 1n, 2n, 3n, 4n, 5n].map((offset) => ({ topic, partition: 0, offset }));
    const values = async (from: number) => {
      const records = await readRecords(kafka, positions.slice(from), OPTIONS);
      return records.map((record) => record?.value?.toString());
    };
    const expected = ['commit', undefined, undefined, undefined, 'commit', undefined];
    expect(await values(0)).toEqual(expected);
    expect(await values(5)).toEqual([undefined]);
    for (const [offset, value] of expected.entries()) {
      const [record] = await readRecords(kafka, [positions[offset]!], OPTIONS);
      expect([offset, record?.value?.toString()]).toEqual([offset, value]);
    }
  });

  it('gives nothing while the transaction of a record is open, and the record when it is committed', async () => {
    const topic = await log.createTopic();
    const producer = await log.transactional(topic);
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value: 'open' }] });
    const value = async () => {
      const [record] = await readRecords(kafka, [{ topic, partition: 0, offset: 0n }], OPTIONS);
      return record?.value?.toString();
    };
    const before = await value();
    await transaction.commit();
    await producer.disconnect();
    await log.readable(topic, 2n);
    expect([before, await value()]).toEqual([undefined, 'open']);
  });

  it('gives up when it is told to, and leaves no group behind, whether it was done or not', async () => {
    const trial = await TrialTopic.create({ Sent: [] }, 1);
    const position = parsePosition(await trial.publish('Sent', 'key', {}, 'event'));
    await trial.close();
    const [reason, giveUp] = [new Error('enough'), new AbortController()];
    const groups: string[] = [];
    const makeConsumer = kafka.consumer.bind(kafka);
    const made = jest.spyOn(kafka, 'consumer').mockImplementation((config) => {
      const consumer = makeConsumer(config);
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        groups.push(payload.groupId);
        if (groups.length === 2) giveUp.abort(reason);
      });
      return consumer;
    });
    expect(await readRecords(kafka, [position], OPTIONS)).toHaveLength(1);
    const asked = readRecords(kafka, [position], { ...OPTIONS, signal: giveUp.signal });
    await expect(asked).rejects.toBe(reason);
    made.mockRestore();
    expect(groups).toHaveLength(2);
    const { groups: described } = await log.admin.describeGroups(groups);
    expect(described.map(({ state }) => state)).toEqual(['Dead', 'Dead']);
  });

  it('refuses a topic that does not exist', async () => {
    const position = { topic: uniqueName('nowhere'), partition: 0, offset: 0n };
    await expect(readRecords(kafka, [position], OPTIONS)).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
  });

  it('says so when no broker answers, and when one takes the call and stays silent', async () => {
    const ask = async (port: number, timeoutMs: number) => {
      const options = { brokers: [`127.0.0.1:${port}`], clientId: 'specs', log: silentLogger };
      const position = { topic: 'orders', partition: 0, offset: 0n };
      return readRecords(createKafkaClient(options), [position], { timeoutMs });
    };
    await expect(ask(1, 20_000)).rejects.toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
    await withSilentBroker((port) =>
      expect(ask(port, 500)).rejects.toMatchObject({
        code: 'RECORDS_NOT_READ',
        retriable: true,
        message: expect.stringContaining('orders/0/0') as string,
      }),
    );
  });

  it('does not take a later record for one that compaction removed', async () => {
    const topic = await log.createTopic({ cleanup: 'compact' });
    for (const value of ['0', '1', '2']) await log.send(topic, [value]);
    const positions = [0n, 1n, 2n].map((offset) => ({ topic, partition: 0, offset }));
    const values = await log.compact(topic, async () => {
      const records = await readRecords(kafka, positions, OPTIONS);
      return records[0] === undefined && records.map((record) => record?.value?.toString());
    });
    expect(values).toEqual([undefined, undefined, '2']);
  });
});
