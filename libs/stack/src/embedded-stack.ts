import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory } from './directory-lock';
import type { StackAddresses } from './environment';
import { fetchStack } from './fetch-stack';
import type { JavaCandidate } from './find-java';
import { createKafkaServer } from './kafka-server';
import { endLeftOverProcesses } from './left-over-processes';
import { choosePorts } from './ports';
import { createPostgresServer, POSTGRES_USER } from './postgres-server';
import { createRegistryServer, schemaRegistryUrl } from './registry-server';
import type { ServerProcess, ServerProcessOptions } from './server-process';
import type { OpenStackOptions, ServerName, Stack } from './stack';
import { findJava } from './toolchain';

/** What the registry needs; Kafka would run on 17. */
export const JAVA_MINIMUM = 21;
/** What the guard of a killed run needs to stop its servers, and a little more. */
const LEFT_OVER_GRACE_MS = 10_000;
const PORT_NAMES = [
  'kafka',
  'kafkaController',
  'registry',
  'registryManagement',
  'postgres',
  'kafkaProxied',
] as const;

interface EmbeddedStackOptions extends OpenStackOptions {
  readonly env: NodeJS.ProcessEnv;
}

/** What the servers are made of, known before the first one starts. */
interface Parts {
  readonly java: JavaCandidate;
  readonly distribution: string;
  readonly ports: Record<(typeof PORT_NAMES)[number], number>;
}

/** The embedded half of `openStack`; `directory` exists and is absolute. */
export async function openEmbeddedStack(options: EmbeddedStackOptions): Promise<Stack> {
  const { directory, env, fresh = false, onProgress = () => undefined, signal } = options;
  const java = findJava({ minimum: JAVA_MINIMUM, env });
  const distribution = await fetchStack({ env, javaHome: java.home, onProgress, signal });
  const unlock = await lockDirectory(directory);
  try {
    await endLeftOverProcesses(join(directory, 'pids'), LEFT_OVER_GRACE_MS);
    if (fresh) await wipe(directory);
    const ports = await choosePorts(join(directory, 'ports.json'), PORT_NAMES);
    return await EmbeddedStack.start(options, { java, distribution, ports }, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** The lock stays, and so do the ports: whoever wrote them down somewhere finds the same ones again. */
async function wipe(directory: string): Promise<void> {
  for (const name of ['kafka', 'postgres', 'registry', 'logs']) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

class EmbeddedStack implements Stack {
  readonly source = 'embedded';
  readonly servers: Partial<Record<ServerName, ServerProcess>> = {};
  private password = '';
  private stopped: Promise<void> | undefined;

  static async start(
    options: EmbeddedStackOptions,
    parts: Parts,
    unlock: () => Promise<void>,
  ): Promise<Stack> {
    const stack = new EmbeddedStack(options, parts, unlock);
    const failure = new AbortController();
    const signal = AbortSignal.any([
      failure.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ]);
    const attempts = [stack.startPostgresAndRegistry(signal), stack.startKafka(signal)];
    // The first failure ends the other attempt too, and is the one to report.
    for (const attempt of attempts) attempt.catch((error: unknown) => failure.abort(error));
    await Promise.allSettled(attempts);
    if (signal.aborted) {
      await stack.stop();
      throw signal.reason;
    }
    return stack;
  }

  private constructor(
    private readonly options: EmbeddedStackOptions,
    private readonly parts: Parts,
    private readonly unlock: () => Promise<void>,
  ) {}

  get addresses(): StackAddresses {
    const { ports } = this.parts;
    return {
      kafkaBrokers: [`127.0.0.1:${ports.kafka}`],
      schemaRegistryUrl: schemaRegistryUrl(ports.registry),
      databaseUrl: `postgresql://${POSTGRES_USER}:${this.password}@127.0.0.1:${ports.postgres}/millrace`,
    };
  }

  get proxiedKafkaPort(): number | undefined {
    return this.options.advertisedKafkaPort === undefined ? undefined : this.parts.ports.kafkaProxied;
  }

  stop(): Promise<void> {
    this.stopped ??= this.stopInOrder();
    return this.stopped;
  }

  /** The database last, because the registry writes to it until it ends. */
  private async stopInOrder(): Promise<void> {
    await Promise.all([this.servers.registry?.stop(), this.servers.kafka?.stop()]);
    await this.servers.postgres?.stop();
    await this.unlock();
  }

  private async startPostgresAndRegistry(signal: AbortSignal): Promise<void> {
    const { env, durable = true } = this.options;
    const { java, distribution, ports } = this.parts;
    const place = this.placeOf('postgres');
    const { server, password } = await createPostgresServer({ ...place, env, durable, port: ports.postgres });
    this.password = password;
    await this.startServer('postgres', server, signal);

    const registry = createRegistryServer({
      ...this.placeOf('registry'),
      java,
      env,
      distribution: join(distribution, 'registry'),
      port: ports.registry,
      managementPort: ports.registryManagement,
      database: { port: ports.postgres, name: 'registry', user: POSTGRES_USER, password },
    });
    await this.startServer('registry', registry, signal);
  }

  private async startKafka(signal: AbortSignal): Promise<void> {
    const { java, distribution, ports } = this.parts;
    const { advertisedKafkaPort: advertisedPort } = this.options;
    const kafka = await createKafkaServer({
      ...this.placeOf('kafka'),
      java,
      distribution: join(distribution, 'kafka'),
      port: ports.kafka,
      controllerPort: ports.kafkaController,
      proxied: advertisedPort === undefined ? undefined : { port: ports.kafkaProxied, advertisedPort },
    });
    await this.startServer('kafka', kafka, signal);
  }

  private async startServer(name: ServerName, server: ServerProcess, signal: AbortSignal): Promise<void> {
    this.servers[name] = server;
    const startedAt = Date.now();
    await server.start(signal);
    this.options.onProgress?.(`${name} is ready after ${Date.now() - startedAt} ms`);
  }

  private placeOf(name: ServerName): Required<
    Pick<ServerProcessOptions, 'logFile' | 'pidFile' | 'onExit'>
  > & {
    readonly directory: string;
  } {
    const { directory, onServerExit } = this.options;
    return {
      directory: join(directory, name),
      logFile: join(directory, 'logs', `${name}.log`),
      pidFile: join(directory, 'pids', `${name}.json`),
      onExit: (exit) => onServerExit?.(name, exit),
    };
  }
}
