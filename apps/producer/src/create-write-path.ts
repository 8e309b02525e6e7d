import type { Catalogue, Logger } from '@millrace/contracts';
import { createKafkaClient, LogWriter } from '@millrace/kafka';
import { EventCodec, RegistryClient } from '@millrace/schema-registry';
import type { Settings } from '@millrace/service';
import type { configuration } from './configuration';
import { createIdempotentWriter } from './idempotency/create-idempotent-writer';
import { WritePath } from './write-path';

/** What may be under way at once, and for how long. */
export interface WriteLimits {
  /**
   * Infinity: nothing is given up before the stop, and of a topic with an idempotency window, one event of a key is in the log
   * before the next one is sent. For an outbox, whose events nobody would send again in order.
   */
  readonly timeoutMs: number;
  readonly events: number;
  readonly bytes: number;
}

export interface CreateWritePathOptions {
  /** Shown in the broker's own logs. */
  readonly clientId: string;
  readonly limits: WriteLimits;
  readonly log: Logger;
}

/** A way into the log with connections of its own; it opens none yet. */
export function createWritePath(
  catalogue: Catalogue,
  settings: Settings<typeof configuration>,
  { clientId, limits, log }: CreateWritePathOptions,
): WritePath {
  const kafka = createKafkaClient({ brokers: settings.KAFKA_BROKERS, clientId, log });
  const writer = new LogWriter(kafka, {
    deadlineMs: limits.timeoutMs,
    maxPendingRecords: limits.events,
    maxPendingBytes: limits.bytes,
    log,
  });
  const registry = new RegistryClient({ url: settings.SCHEMA_REGISTRY_URL });
  const idempotent = createIdempotentWriter(catalogue, settings, { registry, limits, log });
  return new WritePath(catalogue, new EventCodec(catalogue, registry), writer, log, idempotent);
}
