import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { outboxMigrations } from '@millrace/outbox';
import { migrate, openDatabase } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import { addressVariables, appProcess, freePort } from '@millrace/stack';
import type { ServerProcess } from '@millrace/stack';
import { applyCatalogue, reportMemory, silentLogger, startTestStack } from '@millrace/testing';
import type { ProxiedTestStack, ServerHandle } from '@millrace/testing';
import { catalogue } from '@millrace/contracts';
import { healPoison } from './inject-poison';
import { serviceNames, services, SESSION_MS } from './services';
import type { ServiceName } from './services';
import { windowed } from './window';

/** How an instance is made to die. */
export interface Death {
  /** Names the crash point. */
  readonly env: Readonly<Record<string, string>>;
  readonly withinMs: number;
  /** Done again and again while it lives, to get it there. Default nothing: traffic is enough. Must not reject. */
  readonly provoke?: () => Promise<void>;
}

/** The platform that a run hurts: the servers, two of each reader, and the replay service. */
export class Patient {
  private readonly services = new Map<string, { readonly process: ServerProcess; readonly port: number }>();
  private extras = 0;

  private constructor(
    readonly stack: ProxiedTestStack,
    readonly database: Database,
    private readonly tree: string | undefined,
  ) {}

  /** Starts everything from a compiled tree, by default the workspace's own. */
  static async start(tree: string | undefined, { window }: { readonly window: boolean }): Promise<Patient> {
    // PostgreSQL is killed, and what it had committed has to be there afterwards.
    const stack = await startTestStack({ proxies: true, durable: true });
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl, databaseUrl: url } = stack.directAddresses;
    const database = openDatabase({ url, applicationName: 'faults', log: silentLogger });
    const patient = new Patient(stack, database, tree);
    try {
      await applyCatalogue(window ? windowed(catalogue) : catalogue, { brokers, registryUrl });
      await migrate(database, [outboxMigrations], silentLogger);
      for (const name of serviceNames) await patient.add(name, name);
      return patient;
    } catch (error) {
      await patient.stop();
      throw error;
    }
  }

  /** A service or a server. */
  handle(name: string): ServerHandle {
    const servers: Readonly<Record<string, ServerHandle | undefined>> = this.stack.servers;
    const found = this.services.get(name)?.process ?? servers[name];
    if (found === undefined) throw new Error(`there is no ${name} to hurt`);
    return found;
  }

  url(name: string): string {
    return `http://127.0.0.1:${this.services.get(name)?.port}`;
  }

  /** One more instance of a service, which joins the others; the caller stops it. */
  async addInstance(name: ServiceName): Promise<ServerProcess> {
    this.extras += 1;
    return this.add(name, `${name}-extra-${this.extras}`);
  }

  /** Adds an instance of a reader that dies at a crash point, and says whether it did. */
  async crashReader(name: ServiceName, death: Death): Promise<boolean> {
    this.extras += 1;
    const port = await freePort();
    return this.crash(this.make(name, { name: `${name}-armed-${this.extras}`, port, env: death.env }), death);
  }

  /** Puts an instance that dies at a crash point in the place of a service, until it has died or the time is over. */
  async crashInPlaceOf(name: ServiceName, death: Death): Promise<boolean> {
    const place = this.services.get(name);
    if (place === undefined) return false;
    await place.process.stop();
    try {
      return await this.crash(
        this.make(name, { name: `${name}-armed`, port: place.port, env: death.env }),
        death,
      );
    } finally {
      await place.process.start();
    }
  }

  private async crash(armed: ServerProcess, { withinMs, provoke }: Death): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    try {
      await armed.start();
      while (armed.pid !== undefined && performance.now() < deadline) {
        await provoke?.();
        await sleep(50);
      }
      return armed.pid === undefined;
    } catch (error) {
      // It may die before it is ready.
      if (error instanceof Error && error.message.includes('SIGKILL')) return true;
      throw error;
    } finally {
      await armed.stop();
    }
  }

  /** Where each service notes what it holds in memory. */
  get memoryFile(): string {
    return join(this.stack.directory, 'memory.ndjson');
  }

  /** Ends what the proxies do, starts whatever a fault left dead or suspended, and takes all poison away. */
  async heal(): Promise<void> {
    this.stack.proxies.heal();
    for (const name of ['postgres', 'registry', 'kafka']) await this.revive(this.handle(name));
    for (const { process } of this.services.values()) {
      if (!process.name.includes('extra')) await this.revive(process);
    }
    await healPoison(this);
  }

  async stop(): Promise<void> {
    await this.database.end();
    await Promise.all([...this.services.values()].map(({ process }) => process.stop()));
    await this.stack.stop();
  }

  private async revive(handle: ServerHandle): Promise<void> {
    if (handle.pid !== undefined) await handle.kill('SIGCONT');
    await handle.start();
  }

  private async add(service: ServiceName, name: string): Promise<ServerProcess> {
    const port = await freePort();
    const child = this.make(service, { name, port, env: {} });
    this.services.set(name, { process: child, port });
    await child.start();
    return child;
  }

  private make(
    service: ServiceName,
    { name, port, env }: { name: string; port: number; env: Readonly<Record<string, string>> },
  ): ServerProcess {
    const definition = services[service];
    return appProcess({
      app: definition.app,
      name,
      port,
      env: {
        ...addressVariables(this.stack.addresses),
        ...definition.env,
        ...reportMemory(name, this.memoryFile),
        // Both producers relay the outbox: one works, and the other stands by.
        ...(definition.app === 'producer' ? { OUTBOX_DATABASE_URL: this.stack.addresses.databaseUrl } : {}),
        KAFKA_SESSION_TIMEOUT_MS: String(SESSION_MS),
        ...env,
      },
      logFile: join(this.stack.directory, 'logs', `${name}.log`),
      ...(this.tree === undefined ? {} : { tree: this.tree }),
    });
  }
}
