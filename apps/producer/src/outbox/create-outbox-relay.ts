import type { Catalogue, Logger } from '@millrace/contracts';
import { openDatabase } from '@millrace/postgres';
import type { Settings } from '@millrace/service';
import type { configuration } from '../configuration';
import { createWritePath } from '../create-write-path';
import { OutboxRelay } from './outbox-relay';

/** One connection for the turn, and some for those who ask how it stands. */
const POOL_SIZE = 3;
/**
 * What the relay has on its way at most; apart from what clients have, so that a backlog keeps nobody out. Nobody waits for an
 * answer, and a record that were given up could be overtaken by the next one of its key: there is no deadline.
 */
const LIMITS = { timeoutMs: Number.POSITIVE_INFINITY, events: 8_000, bytes: 64 * 1024 * 1024 };

/** The relay of the outbox that the settings name, or undefined when they name none. It opens no connection yet. */
export function createOutboxRelay(
  catalogue: Catalogue,
  settings: Settings<typeof configuration>,
  log: Logger,
): OutboxRelay | undefined {
  const { OUTBOX_DATABASE_URL: url } = settings;
  if (url === undefined) return undefined;
  const writePath = createWritePath(catalogue, settings, {
    clientId: 'outbox-relay',
    limits: LIMITS,
    log,
  });
  return new OutboxRelay({
    database: openDatabase({ url, applicationName: 'millrace-outbox-relay', poolSize: POOL_SIZE, log }),
    writePath,
    rules: {
      defaultSource: settings.EVENT_SOURCE,
      maxExtensions: settings.MAX_EXTENSIONS,
      maxExtensionBytes: settings.MAX_EXTENSION_BYTES,
      maxEventBytes: settings.MAX_EVENT_BYTES,
    },
    pollIntervalMs: settings.OUTBOX_POLL_INTERVAL_MS,
    partitionRows: settings.OUTBOX_PARTITION_ROWS,
    log,
  });
}
