import { formatPosition, parsePosition } from '@millrace/event';
import { createKafkaClient, KafkaCluster } from '@millrace/kafka';
import { serversUnderTest } from './servers-under-test';
import { silentLogger } from './silent-logger';
import { uniqueName } from './unique-name';
import { waitFor } from './wait-for';

/** A record as it lies in the log, with all its headers as text. */
export interface StoredRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * All that a topic's log holds at the time of the call, in the order of each partition, one partition after the
 * other. Reads with a throwaway group.
 */
export async function readLog(
  topic: string,
  brokers: readonly string[] = serversUnderTest().brokers,
): Promise<StoredRecord[]> {
  // A broker that has just started loads its group coordinators, and refuses those who join meanwhile.
  return waitFor(`the log of ${topic}`, () => readOnce(topic, brokers));
}

async function readOnce(topic: string, brokers: readonly string[]): Promise<StoredRecord[]> {
  const kafka = createKafkaClient({ brokers, clientId: 'read-log', log: silentLogger });
  const cluster = new KafkaCluster(kafka);
  const consumer = kafka.consumer({
    groupId: uniqueName('read-log'),
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
  });
  try {
    const missing = new Map<number, bigint>();
    for (const [partition, { start, end }] of (await cluster.logBounds(topic)).entries()) {
      if (end > start) missing.set(partition, end);
    }
    if (missing.size === 0) return [];
    const records: StoredRecord[] = [];
    const complete = Promise.withResolvers<undefined>();
    consumer.on(consumer.events.CRASH, ({ payload }) => complete.reject(payload.error));
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { partition, messages } }) => {
        const end = missing.get(partition) ?? 0n;
        for (const { key, value, offset, headers = {} } of messages) {
          if (BigInt(offset) >= end) break;
          const texts = Object.entries(headers).map(([name, header]) => [name, String(header)] as const);
          records.push({
            partition,
            offset: BigInt(offset),
            key: key?.toString('utf8') ?? null,
            value,
            headers: Object.fromEntries(texts),
          });
        }
        if (BigInt(messages.at(-1)?.offset ?? -1) + 1n >= end) missing.delete(partition);
        if (missing.size === 0) complete.resolve(undefined);
      },
    });
    await complete.promise;
    return records.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
  } finally {
    await Promise.all([consumer.disconnect(), cluster.close()]);
  }
}

/** The record at a place in the log, as an answer names it: `topic/partition/offset`. @throws when there is none. */
export async function readRecord(position: string): Promise<StoredRecord> {
  const { topic } = parsePosition(position);
  const records = await readLog(topic);
  const found = records.find((record) => formatPosition({ topic, ...record }) === position);
  if (found === undefined) throw new Error(`there is no record at ${position}`);
  return found;
}
