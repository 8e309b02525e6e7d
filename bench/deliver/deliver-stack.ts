import { catalogue } from '@millrace/contracts';
import { encodeEventHeaders } from '@millrace/event';
import { createKafkaClient, KafkaCluster, LogWriter } from '@millrace/kafka';
import type { RecordToWrite } from '@millrace/kafka';
import { applyCatalogue, createTestDatabase, silentLogger, startTestStack, waitFor } from '@millrace/testing';
import type { TestDatabase, TestService } from '@millrace/testing';
import { flightRecords } from '../flights';
import type { FlightRecord } from '../flights';
import { KEYS, keyNamed } from './keys';

/** The servers of a benchmark of consumers, and logs for them to read. */
export interface DeliverStack {
  readonly brokers: string[];
  readonly registryUrl: string;
  /** The flights, as the producer service writes them. */
  readonly topic: string;
  /** The same values and keys in as many partitions, without headers. */
  readonly plainTopic: string;
  /** As many records under few keys, for peers; ours finds the same in `topic`, from `keyedSince` on. */
  readonly keyedTopic: string;
  /** A database of its own; whoever asks for it drops it. */
  createDatabase(): Promise<TestDatabase>;
  /** The consumer service with one group, which reads as if for the first time. */
  startConsumer(
    group: { readonly name: string; readonly folder: string },
    settings: Record<string, string>,
  ): Promise<TestService>;
  /** Makes sure that both logs hold so many records at least. */
  fill(records: number): Promise<void>;
  /** Makes sure that so many records under `KEYS` keys lie in `topic`, and in `keyedTopic`. Gives the time before the first, RFC 3339. */
  fillKeyed(records: number): Promise<string>;
  stop(): Promise<void>;
}

const TOPIC = 'flights';
const PLAIN_TOPIC = 'bench-plain';
const KEYED_TOPIC = 'bench-keyed';
/** Appended at once: what a busy producer has waiting. */
const CHUNK = 5_000;

/** Starts them in a directory of their own; what is in the environment is not used. */
export async function startDeliverStack(): Promise<DeliverStack> {
  // A commit is on disk when it is answered, as in production: whoever commits for each record pays for it.
  const stack = await startTestStack({ durable: true });
  const brokers = [...stack.addresses.kafkaBrokers];
  const registryUrl = stack.addresses.schemaRegistryUrl;
  const kafka = createKafkaClient({ brokers, clientId: 'bench', log: silentLogger });
  const cluster = new KafkaCluster(kafka);
  let filled = 0;
  let filledKeyed = 0;
  let keyedSince = '';
  try {
    const more = catalogue.topics.flatMap((topic) =>
      topic.name === TOPIC ? [PLAIN_TOPIC, KEYED_TOPIC].map((name) => ({ ...topic, name, events: [] })) : [],
    );
    await applyCatalogue({ ...catalogue, topics: [...catalogue.topics, ...more] }, { brokers, registryUrl });
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return {
    ...{ brokers, registryUrl, topic: TOPIC, plainTopic: PLAIN_TOPIC, keyedTopic: KEYED_TOPIC },
    createDatabase: () => createTestDatabase(stack.addresses.databaseUrl),
    startConsumer: async ({ name, folder }, settings) => {
      // A broker that has just started loads its group coordinators, and refuses those who ask meanwhile.
      await waitFor(`the group ${name} to be gone`, () => cluster.deleteGroup(name));
      return stack.startService('consumer', { CONSUMER_GROUPS: folder, ...settings });
    },
    fill: async (records) => {
      if (records <= filled) return;
      const wanted = (await flightRecords(records, registryUrl)).slice(filled);
      await write(kafka, wanted, withAndWithoutHeaders);
      filled = records;
    },
    fillKeyed: async (records) => {
      if (keyedSince === '') keyedSince = new Date().toISOString();
      if (records > filledKeyed) {
        const wanted = (await flightRecords(records, registryUrl)).map(underFewKeys).slice(filledKeyed);
        await write(kafka, wanted, inBothTopics);
        filledKeyed = records;
      }
      return keyedSince;
    },
    stop: async () => {
      await cluster.close();
      await stack.stop();
    },
  };
}

function withAndWithoutHeaders({ key, value, attributes }: FlightRecord): RecordToWrite[] {
  return [
    { topic: TOPIC, key, value, ...encodeEventHeaders(attributes) },
    { topic: PLAIN_TOPIC, key, value, sharedHeaders: {}, headers: {} },
  ];
}

function inBothTopics({ key, value, attributes }: FlightRecord): RecordToWrite[] {
  return [TOPIC, KEYED_TOPIC].map((topic) => ({ topic, key, value, ...encodeEventHeaders(attributes) }));
}

/** Under keys that take turns, and identities of their own: `fill` may have written the same flights before. */
function underFewKeys({ attributes, ...record }: FlightRecord, index: number): FlightRecord {
  return {
    ...record,
    key: keyNamed(index % KEYS),
    attributes: { ...attributes, id: `keyed-${attributes.id}` },
  };
}

/** With the sender of the producer service, so that the batches are its batches. */
async function write(
  kafka: ReturnType<typeof createKafkaClient>,
  records: readonly FlightRecord[],
  toWrite: (record: FlightRecord) => readonly RecordToWrite[],
): Promise<void> {
  const writer = new LogWriter(kafka, { log: silentLogger });
  try {
    for (let from = 0; from < records.length; from += CHUNK) {
      const chunk = records.slice(from, from + CHUNK);
      await Promise.all(chunk.flatMap(toWrite).map((record) => writer.append(record)));
    }
  } finally {
    await writer.close();
  }
}
