import { jest } from '@jest/globals';
import { declaredTopic, readLog, serversUnderTest, silentLogger, uniqueName } from '@millrace/testing';
import { BatchNumbers } from '../produce/batch-numbers';
import { createKafkaClient } from '../kafka-client';
import { KafkaCluster } from '../kafka-cluster';
import { LANDING_LIMIT_MS } from '../landing-limit';
import { LogWriter } from '../log-writer';
import type { RecordToWrite } from '../log-writer';

const HOUR_MS = 3_600_000;

describe('a topic with an idempotency window', () => {
  const kafka = createKafkaClient({
    brokers: serversUnderTest().brokers,
    clientId: 'specs',
    log: silentLogger,
  });
  const cluster = new KafkaCluster(kafka);
  const writer = new LogWriter(kafka, { sequenced: true, maxBatchRecords: 50, log: silentLogger });
  afterAll(() => Promise.all([cluster.close(), writer.close()]));

  const declare = (partitions = 3) =>
    declaredTopic(uniqueName('once'), { partitions, idempotency: { windowMs: HOUR_MS } });
  const make = async (partitions?: number): Promise<string> => {
    const topic = declare(partitions);
    await cluster.applyTopics(await cluster.planTopics([topic]));
    return topic.name;
  };
  const record = (
    topic: string,
    key: string,
    id: string,
    more: Partial<RecordToWrite> = {},
  ): RecordToWrite => ({
    topic,
    key,
    value: Buffer.from(id),
    headers: { ce_id: id },
    ...more,
  });
  const idsIn = async (topic: string) => (await readLog(topic)).map(({ headers }) => headers['ce_id']);

  it('is made with a limit for the time of its records, and one that lacks it is set right', async () => {
    const plain = declaredTopic(uniqueName('once'));
    await cluster.applyTopics(await cluster.planTopics([plain]));
    expect(await cluster.landingDeviations(plain.name)).toEqual([
      expect.stringMatching(/^message\.timestamp\.before\.max\.ms=\d+$/),
      expect.stringMatching(/^message\.timestamp\.after\.max\.ms=\d+$/),
    ]);
    const windowed = { ...plain, idempotency: { windowMs: HOUR_MS } };
    await cluster.applyTopics(await cluster.planTopics([windowed]));
    expect(await cluster.landingDeviations(plain.name)).toEqual([]);
    expect(await cluster.planTopics([windowed])).toEqual([]);
    expect(await cluster.landingDeviations(await make())).toEqual([]);
  });

  it('takes no record whose time is too long ago, alone or among others, and says it was not written', async () => {
    const topic = await make(1);
    const late = { timestampMs: Date.now() - LANDING_LIMIT_MS - 1_000 };
    await expect(writer.append(record(topic, 'k', 'late', late))).rejects.toMatchObject({
      code: 'WRITE_DEADLINE',
      outcome: 'not-written',
    });
    const now = { timestampMs: Date.now() };
    expect(await writer.append(record(topic, 'k', 'in time', now))).toMatchObject({ offset: 0n });
    expect(await idsIn(topic)).toEqual(['in time']);
  });

  it('gives a record the time that it is written with, and finds it by that time', async () => {
    const topic = await make(1);
    const timestampMs = Date.now() - 3_000;
    await writer.append(record(topic, 'k', 'before', { timestampMs: timestampMs - 1 }));
    const { offset } = await writer.append(record(topic, 'k', 'it', { timestampMs }));
    expect(await cluster.offsetsAt(topic, timestampMs)).toEqual([offset]);
    expect(await cluster.offsetsAt(topic, Date.now() + HOUR_MS)).toEqual([offset + 1n]);
  });

  it('gets its records in the order of the calls, over many batches', async () => {
    const topic = await make(1);
    const ids = Array.from({ length: 400 }, (_, index) => `${index}`);
    const positions = await Promise.all(ids.map((id) => writer.append(record(topic, 'k', id))));
    expect(positions.map(({ offset }) => Number(offset))).toEqual(ids.map(Number));
    expect(await idsIn(topic)).toEqual(ids);
  });

  it('has a batch once that is sent again with the number that it had', async () => {
    const topic = await make(1);
    // Whoever does not hear of the acknowledgement counts no further.
    const forgetful = jest
      .spyOn(BatchNumbers.prototype, 'acknowledged')
      .mockImplementationOnce(() => undefined);
    const first = await writer.append(record(topic, 'k', 'sent twice'));
    const again = await writer.append(record(topic, 'k', 'sent twice'));
    const next = await writer.append(record(topic, 'k', 'next'));
    expect([first, again, next].map(({ offset }) => offset)).toEqual([0n, 0n, 1n]);
    expect(await idsIn(topic)).toEqual(['sent twice', 'next']);
    expect(forgetful).toHaveBeenCalledTimes(3);
    forgetful.mockRestore();
  });
});
