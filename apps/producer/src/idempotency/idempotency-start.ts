import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import type { Logger } from '@millrace/contracts';
import type { KafkaCluster } from '@millrace/kafka';
import { isRefusedByDatabase, migrate, platformMigrations, verifyStackIdentity } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import { registryIdentity } from '@millrace/schema-registry';
import type { RegistryClient } from '@millrace/schema-registry';

export interface IdempotencyStartOptions {
  readonly topics: readonly string[];
  readonly database: Database;
  readonly cluster: KafkaCluster;
  readonly registry: RegistryClient;
  readonly log: Logger;
}

const RETRY_MS = 1_000;

/**
 * What has to be so before events can be reserved: the tables are there, the database belongs to this cluster and registry,
 * and the brokers keep the topics' landing limit. It is asked again until it is so.
 */
export class IdempotencyStart {
  /** Why events cannot be reserved yet; undefined once they can. */
  reason: string | undefined = 'PostgreSQL has not answered yet.';

  constructor(private readonly options: IdempotencyStartOptions) {}

  /** Resolves when events can be reserved, or when it is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.options;
    while (!signal.aborted) {
      try {
        await this.prepare();
        this.reason = undefined;
        return;
      } catch (error) {
        this.reason = error instanceof Error ? error.message : String(error);
        const lasts = error instanceof MillraceError ? !error.retriable : isRefusedByDatabase(error);
        const line = 'topics with an idempotency window cannot be published to yet, trying again';
        if (lasts) log.error({ error: this.reason }, line);
        else log.warn({ error: this.reason }, line);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async prepare(): Promise<void> {
    const { database, cluster, registry, topics, log } = this.options;
    await migrate(database, [platformMigrations], log);
    const [kafkaClusterId, registryId] = await Promise.all([cluster.id(), registryIdentity(registry)]);
    await verifyStackIdentity(database, { kafkaClusterId, registryId });
    for (const topic of topics) {
      const deviations = await cluster.landingDeviations(topic);
      if (deviations.length > 0) {
        throw new Error(
          `${topic} has ${deviations.join(', ')}, with which a record could get into the log late, and twice. ` +
            'Set what topics.yaml declares: millrace topics apply.',
        );
      }
    }
  }
}
