import type { Catalogue, Logger } from '@millrace/contracts';
import { createKafkaClient, LogWriter } from '@millrace/kafka';
import { openDatabase } from '@millrace/postgres';
import { EventCodec, RegistryClient } from '@millrace/schema-registry';
import type { Settings } from '@millrace/service';
import type { configuration } from '../configuration';
import { createIdempotentWriter } from '../idempotency/create-idempotent-writer';
import { WritePath } from '../write-path';
import { OutboxRelay } from './outbox-relay';

/** One connection for the turn, and some for those who ask how it stands. */
const POOL_SIZE = 3;
/** What the relay has on its way at most; apart from what clients have, so that a backlog keeps nobody out. */
const PENDING = { records: 8_000, bytes: 64 * 1024 * 1024 };

/** The relay of the outbox that the settings name, or undefined when they name none. It opens no connection yet. */
export function createOutboxRelay(
  catalogue: Catalogue,
  settings: Settings<typeof configuration>,
  log: Logger,
): OutboxRelay | undefined {
  const { OUTBOX_DATABASE_URL: url } = settings;
  if (url === undefined) return undefined;
  const kafka = createKafkaClient({ brokers: settings.KAFKA_BROKERS, clientId: 'outbox-relay', log });
  const writer = new LogWriter(kafka, {
    // Nobody waits for an answer, and a record that were given up could be overtaken by the next one of its key.
    deadlineMs: Number.POSITIVE_INFINITY,
    maxPendingRecords: PENDING.records,
    maxPendingBytes: PENDING.bytes,
    log,
  });
  const registry = new RegistryClient({ url: settings.SCHEMA_REGISTRY_URL });
  const patient = { events: PENDING.records, bytes: PENDING.bytes };
  const idempotent = createIdempotentWriter(catalogue, settings, { registry, log, patient });
  return new OutboxRelay({
    database: openDatabase({ url, applicationName: 'millrace-outbox-relay', poolSize: POOL_SIZE, log }),
    writePath: new WritePath(catalogue, new EventCodec(catalogue, registry), writer, log, idempotent),
    rules: {
      defaultSource: settings.EVENT_SOURCE,
      maxExtensions: 0,
      maxExtensionBytes: 0,
      maxEventBytes: settings.MAX_EVENT_BYTES,
    },
    pollIntervalMs: settings.OUTBOX_POLL_INTERVAL_MS,
    partitionRows: settings.OUTBOX_PARTITION_ROWS,
    log,
  });
}
