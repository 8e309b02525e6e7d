import type { Catalogue, Logger } from '@millrace/contracts';
import { createKafkaClient, KafkaCluster, LogWriter } from '@millrace/kafka';
import { openDatabase } from '@millrace/postgres';
import type { RegistryClient } from '@millrace/schema-registry';
import type { Settings } from '@millrace/service';
import type { configuration } from '../configuration';
import type { WriteLimits } from '../create-write-path';
import { IdempotentWriter } from './idempotent-writer';
import { NoDatabaseWriter } from './no-database-writer';
import type { OnceWriter } from './once-writer';

/** One statement reserves, one stores, one gives back and one looks after what is open, for each topic. */
const POOL_SIZE = 8;

export interface CreateIdempotentWriterOptions {
  readonly registry: RegistryClient;
  readonly limits: WriteLimits;
  readonly log: Logger;
}

/** The writer for the topics of a catalogue that have an idempotency window; undefined when there are none. */
export function createIdempotentWriter(
  catalogue: Catalogue,
  settings: Settings<typeof configuration>,
  { registry, limits, log }: CreateIdempotentWriterOptions,
): OnceWriter | undefined {
  const topics = catalogue.topics.filter(({ idempotency }) => idempotency !== undefined);
  if (topics.length === 0) return undefined;
  const { DATABASE_URL: url } = settings;
  if (url === undefined) return new NoDatabaseWriter(topics.map(({ name }) => name));
  const kafka = createKafkaClient({ brokers: settings.KAFKA_BROKERS, clientId: 'producer', log });
  const writer = new LogWriter(kafka, {
    deadlineMs: limits.timeoutMs,
    // What may wait is bounded before it gets here.
    maxPendingRecords: limits.events,
    maxPendingBytes: 2 * limits.bytes,
    sequenced: true,
    log,
  });
  const database = openDatabase({ url, applicationName: 'producer', poolSize: POOL_SIZE, log });
  const cluster = new KafkaCluster(kafka);
  return new IdempotentWriter({
    topics,
    database,
    kafka,
    cluster,
    registry,
    writer,
    limits,
    log,
  });
}
