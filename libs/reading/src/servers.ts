import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import type { Catalogue, Logger } from '@millrace/contracts';
import { createKafkaClient, KafkaCluster, LogEnds } from '@millrace/kafka';
import {
  isRefusedByDatabase,
  migrate,
  openDatabase,
  platformMigrations,
  verifyStackIdentity,
} from '@millrace/postgres';
import type { Database, Migrations } from '@millrace/postgres';
import { EventCodec, RegistryClient, registryIdentity } from '@millrace/schema-registry';
import { StallWatchdog } from './stall-watchdog';

export interface ServersOptions {
  /** Names the process in the servers' own logs. */
  readonly name: string;
  /** The process's settings, as far as they say where the servers are. */
  readonly settings: {
    readonly KAFKA_BROKERS: readonly string[];
    readonly SCHEMA_REGISTRY_URL: string;
    readonly DATABASE_URL: string;
    readonly DATABASE_POOL_SIZE: number;
    readonly KAFKA_SESSION_TIMEOUT_MS: number;
    /** Of a process that reads the log. Default 60,000 ms. */
    readonly STALL_TIMEOUT_MS?: number;
  };
  readonly catalogue: Catalogue;
  readonly log: Logger;
}

const RETRY_MS = 1_000;
/** How often the watchdog looks within the time after which a partition counts as stalled. */
const LOOKS = 4;

/** The three servers of a process that reads the log. Making it opens no connection. */
export class Servers {
  readonly kafka: ReturnType<typeof createKafkaClient>;
  readonly cluster: KafkaCluster;
  readonly database: Database;
  readonly registry: RegistryClient;
  readonly codec: EventCodec;
  /** How long a member of a group may be silent. */
  readonly sessionTimeoutMs: number;
  /** How long nothing may be done in a partition while its log goes on; some readers need longer. */
  readonly stallTimeoutMs: number;
  /** Of all readers of the process. */
  readonly stalls: StallWatchdog;
  private readonly ends: LogEnds;

  constructor(private readonly options: ServersOptions) {
    const { name, settings, log, catalogue } = options;
    this.kafka = createKafkaClient({ brokers: settings.KAFKA_BROKERS, clientId: name, log });
    this.cluster = new KafkaCluster(this.kafka);
    this.database = openDatabase({
      url: settings.DATABASE_URL,
      applicationName: name,
      poolSize: settings.DATABASE_POOL_SIZE,
      // Shorter than the session: a suspended process must not hold a partition's row when another one gets it.
      idleInTransactionMs: Math.floor((settings.KAFKA_SESSION_TIMEOUT_MS * 2) / 3),
      log,
    });
    this.sessionTimeoutMs = settings.KAFKA_SESSION_TIMEOUT_MS;
    // A handler that does nothing in its transaction for two thirds of a session is ended by PostgreSQL, and joining the group
    // anew may take a session.
    this.stallTimeoutMs = Math.max(settings.STALL_TIMEOUT_MS ?? 60_000, this.sessionTimeoutMs);
    this.ends = new LogEnds(this.kafka);
    this.stalls = new StallWatchdog({ ends: this.ends, everyMs: this.stallTimeoutMs / LOOKS, log });
    this.registry = new RegistryClient({ url: settings.SCHEMA_REGISTRY_URL });
    this.codec = new EventCodec(catalogue, this.registry);
  }

  /**
   * Brings the database up to date and verifies that the three belong together. While one cannot be reached it
   * waits and tries again, until the signal aborts it.
   * @throws whatever waiting cannot mend, such as StackMismatchError.
   */
  async prepare(options: {
    readonly migrations: readonly Migrations[];
    readonly signal: AbortSignal;
    /** What else has to be there before the start. It comes last, and again whenever something fails: idempotent. */
    readonly alsoMake?: () => Promise<void>;
  }): Promise<void> {
    const { log } = this.options;
    const { migrations, signal, alsoMake } = options;
    while (!signal.aborted) {
      try {
        await migrate(this.database, [platformMigrations, ...migrations], log);
        const [kafkaClusterId, registryId] = await Promise.all([
          this.cluster.id(),
          registryIdentity(this.registry),
        ]);
        await verifyStackIdentity(this.database, { kafkaClusterId, registryId });
        await alsoMake?.();
        return;
      } catch (error) {
        if (isLasting(error)) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ error: reason }, 'a server cannot be reached yet, trying again');
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Resolves with the cluster's id when a broker answers now; rejects with the reason otherwise. */
  async checkKafka(): Promise<{ clusterId: string }> {
    return { clusterId: await this.cluster.id() };
  }

  async checkPostgres(): Promise<void> {
    await this.database.query('SELECT 1');
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.cluster.close(), this.ends.close(), this.database.end()]);
  }
}

/** Errors that waiting cannot mend: the platform says so itself, or the database understood and refused. */
function isLasting(error: unknown): boolean {
  return error instanceof MillraceError ? !error.retriable : isRefusedByDatabase(error);
}
