import { deadLetterRecord, deadLetterTopic } from '@millrace/delivery';
import type { DeadLetterFailure } from '@millrace/delivery';
import type { LogRecord, Position, RawHeader } from '@millrace/event';
import {
  declaredTopic,
  JavaClient,
  readWithSpring,
  serversUnderTest,
  silentLogger,
  uniqueName,
} from '@millrace/testing';
import type { SpringDeadLetter } from '@millrace/testing';
import { createKafkaClient } from '../kafka-client';
import { KafkaCluster } from '../kafka-cluster';
import { LogWriter } from '../log-writer';
import { readRange } from '../read-range';
import { hex } from './plain-record';
import { readWithJava } from './read-with-java';

const TIMESTAMP_MS = Date.UTC(2001, 1, 1);
const ERROR = {
  name: 'UnknownAirportError',
  message: 'No airport «XQZ» 航班',
  stack: 'UnknownAirportError: No airport «XQZ» 航班\n    at onDeparted (delays.ts:7:11)',
};
const HEADERS: readonly RawHeader[] = [
  ['ce_id', Buffer.from('f-1')],
  ['checksum', Buffer.from('fffe00', 'hex')],
  ['via', Buffer.from('a')],
  ['via', Buffer.from('b')],
];

describe('a dead letter in its topic', () => {
  const { brokers } = serversUnderTest();
  const kafka = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger });
  const cluster = new KafkaCluster(kafka);
  const writer = new LogWriter(kafka, { log: silentLogger });
  const source = declaredTopic(uniqueName('flights'), { partitions: 3 });
  const groups = { alerts: uniqueName('alerts'), mailer: uniqueName('mailer'), empty: uniqueName('empty') };
  const dlq = deadLetterTopic(groups.alerts);
  const value = Buffer.from('0000000005c328', 'hex');

  let original: Position;
  let written: Position;
  let writtenAgain: Position;
  let read: readonly SpringDeadLetter[];

  async function recordAt(position: Position): Promise<LogRecord> {
    const { topic, partition, offset } = position;
    for await (const record of readRange(kafka, [{ topic, partition, from: offset }])) return record;
    throw new Error(`there is no record at ${topic}/${partition}/${offset}`);
  }

  /** As a group does it that gives up a record. */
  async function bury(group: string, at: Position, more: Partial<DeadLetterFailure> = {}): Promise<Position> {
    const record = await recordAt(at);
    const { topic, partition, offset, timestampMs, key } = record;
    const { headers, ...dead } = deadLetterRecord({
      ...{ group, topic, partition, offset, timestampMs, key, value: record.value },
      headers: record.rawHeaders(),
      error: ERROR,
      attempts: 4,
      failedAt: new Date('2026-03-01T10:20:30.456Z'),
      reason: 'exhausted',
      ...more,
    });
    const name = await cluster.ensureDeadLetterTopic(group, { sources: [topic] });
    return writer.append({ topic: name, ...dead, rawHeaders: headers });
  }

  beforeAll(async () => {
    await cluster.applyTopics(await cluster.planTopics([source]));
    const record = { topic: source.name, value, rawHeaders: HEADERS, timestampMs: TIMESTAMP_MS };
    original = await writer.append({ ...record, key: Buffer.from('00ff', 'hex') });
    written = await bury(groups.alerts, original);
    writtenAgain = await bury(groups.mailer, written, { reason: 'permanent', attempts: 1 });
    await bury(groups.empty, await writer.append({ ...record, key: null, value: null, rawHeaders: [] }));
    read = await readWithSpring(brokers, Object.values(groups).map(deadLetterTopic), 3);
  });
  afterAll(() => Promise.all([writer.close(), cluster.close()]));

  const readFrom = (group: string): SpringDeadLetter => {
    const [only, ...more] = read.filter((each) => each.readFrom === deadLetterTopic(group));
    if (only === undefined || more.length > 0) throw new Error(`expected one record of ${group}`);
    return only;
  };

  it('lies where the writer says, in the partition of its key, at the present time', async () => {
    expect(written).toEqual({ topic: dlq, partition: original.partition, offset: 0n });
    // The original time is that of the event: the broker would delete the dead letter at once by it.
    expect((await recordAt(written)).timestampMs).toBeGreaterThan(Date.now() - 600_000);
  });

  it('is read by Spring Kafka, which converts each header to the type that its users declare', () => {
    const { headers: _headers, key, value: bytes, ...rest } = readFrom(groups.alerts);
    expect([hex(key), hex(bytes)]).toEqual(['00ff', hex(value)]);
    expect(rest).toEqual({
      readFrom: dlq,
      topic: source.name,
      partition: original.partition,
      offset: original.offset,
      timestamp: BigInt(TIMESTAMP_MS),
      timestampType: 'CreateTime',
      consumerGroup: groups.alerts,
      exception: ERROR.name,
      cause: ERROR.name,
      message: ERROR.message,
      stacktrace: ERROR.stack,
      reason: 'exhausted',
      attempts: '4',
    });
  });

  it('has for Spring Kafka the headers of the record that failed, as bytes', () => {
    const { headers } = readFrom(groups.alerts);
    expect(String(headers['ce_id'])).toBe('f-1');
    expect(headers['checksum']?.toString('hex')).toBe('fffe00');
    expect(headers['kafka_dlt-original-offset']).toHaveLength(8);
    expect(headers['kafka_dlt-original-partition']).toHaveLength(4);
  });

  it('is read by Spring Kafka without a key and without a value, when the record that failed had none', () => {
    expect(readFrom(groups.empty)).toMatchObject({ key: null, value: null, topic: source.name });
  });

  it('speaks to Spring Kafka of its last failure when it has failed again', () => {
    const { key, value: bytes, ...rest } = readFrom(groups.mailer);
    expect([hex(key), hex(bytes)]).toEqual(['00ff', hex(value)]);
    expect(rest).toMatchObject({
      topic: dlq,
      partition: written.partition,
      offset: written.offset,
      consumerGroup: groups.mailer,
      reason: 'permanent',
    });
  });

  it('has as many headers after a second visit as after the first, in the log itself', async () => {
    const [once, twice] = await Promise.all([recordAt(written), recordAt(writtenAgain)]);
    const names = (record: LogRecord): string[] => record.rawHeaders().map(([name]) => name);
    expect(names(twice)).toEqual(names(once));
    expect(twice.header('millrace-dlq-origin')).toBe(
      `${original.topic}/${original.partition}/${original.offset}`,
    );
  });

  it('is read as Kafka Connect’s are: every header of the family is text, each once, behind the original ones', async () => {
    const java = await JavaClient.open();
    try {
      const [dead] = await readWithJava(java, brokers, deadLetterTopic(groups.alerts), original.partition);
      const headers = dead?.headers ?? [];
      expect(headers.slice(0, HEADERS.length)).toEqual(HEADERS.map(([name, bytes]) => [name, hex(bytes)]));
      const connect = headers.filter(([name]) => name.startsWith('__connect.errors.'));
      expect(connect.map(([name, bytes]) => [name, Buffer.from(bytes ?? '', 'hex').toString()])).toEqual([
        ['__connect.errors.topic', source.name],
        ['__connect.errors.partition', String(original.partition)],
        ['__connect.errors.offset', String(original.offset)],
        ['__connect.errors.exception.class.name', ERROR.name],
        ['__connect.errors.exception.message', ERROR.message],
        ['__connect.errors.exception.stacktrace', ERROR.stack],
      ]);
    } finally {
      await java.close();
    }
  });

  it('is taken by its topic when the record that failed was as large as its own topic takes', async () => {
    const large = declaredTopic(uniqueName('large'), { partitions: 1 });
    await cluster.applyTopics(await cluster.planTopics([large]));
    // Kafka's default bound of a batch, less what a batch and a record have around the value.
    const at = await writer.append({
      ...{ topic: large.name, key: null, value: Buffer.alloc(1_048_588 - 80), rawHeaders: [] },
    });
    await expect(
      writer.append({ topic: large.name, key: null, value: Buffer.alloc(1_048_588), rawHeaders: [] }),
    ).rejects.toMatchObject({ code: 'RECORD_REFUSED' });
    const group = uniqueName('large');
    const text = 'ü'.repeat(20_000);
    await expect(bury(group, at, { error: { name: text, message: text, stack: text } })).resolves.toEqual({
      ...{ topic: deadLetterTopic(group), partition: 0, offset: 0n },
    });
  });
});
