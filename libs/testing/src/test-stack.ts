import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressVariables, appProcess, freePort } from '@millrace/stack';
import type { ServerProcess, StackAddresses } from '@millrace/stack';
import { openTestServers, TestStackProxiesError } from './open-test-servers';
import type { TestServers } from './open-test-servers';
import { ServerProxies } from './proxy/server-proxies';

/** A service of ours that runs as a process of its own. */
export interface TestService {
  readonly url: string;
  readonly process: ServerProcess;
}

/** A stack of a test's own, whose servers it may kill, with the services that the test starts beside it. */
export interface TestStack extends TestServers {
  /** Log files lie under `logs/` in here. */
  readonly directory: string;
  /** Starts an app from the compiled tree and resolves when it is ready. */
  startService(app: string, env: Record<string, string>, name?: string): Promise<TestService>;
}

/** A stack behind proxies: `addresses`, and so the services, lead through them. */
export interface ProxiedTestStack extends TestStack {
  readonly proxies: ServerProxies;
  /** Past the proxies, for what must see the truth while they misbehave. */
  readonly directAddresses: StackAddresses;
}

/**
 * Starts a stack in a directory of its own; `stop` stops the services too and removes the directory. The
 * environment's servers are never used: a test that kills must not kill somebody's. TEST_STACK decides between
 * processes and containers. `proxies` puts a proxy in front of each server, which only processes can have. PostgreSQL may
 * lose its last commits when it is killed, rows and positions together, unless it is `durable`.
 * @throws TEST_STACK_WITHOUT_PROXIES, and what `openTestServers` throws
 */
export async function startTestStack(options: {
  readonly proxies: true;
  readonly durable?: boolean;
}): Promise<ProxiedTestStack>;
export async function startTestStack(options?: { readonly durable?: boolean }): Promise<TestStack>;
export async function startTestStack(
  options: { readonly proxies?: true; readonly durable?: boolean } = {},
): Promise<TestStack> {
  const { durable = false } = options;
  const proxies = options.proxies === true ? await ServerProxies.open() : undefined;
  const directory = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const tidyUp = async (): Promise<void> => {
    await proxies?.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const advertised = proxies === undefined ? {} : { advertisedKafkaPort: proxies.kafka.tcp.port };
    const servers = await openTestServers(directory, withoutAddresses(process.env), {
      ...advertised,
      durable,
    });
    if (proxies === undefined) return testStack(servers, servers.addresses, { directory, tidyUp });
    if (servers.proxiedKafkaPort === undefined) throw new TestStackProxiesError();
    const addresses = proxies.pointAt(servers.addresses, servers.proxiedKafkaPort);
    const stack = testStack(servers, addresses, { directory, tidyUp, beforeStop: () => proxies.heal() });
    return Object.assign(stack, { proxies, directAddresses: servers.addresses });
  } catch (error) {
    await tidyUp();
    throw error;
  }
}

interface Surroundings {
  readonly directory: string;
  readonly tidyUp: () => Promise<void>;
  readonly beforeStop?: () => void;
}

function testStack(servers: TestServers, addresses: StackAddresses, surroundings: Surroundings): TestStack {
  const { directory, tidyUp, beforeStop } = surroundings;
  const services: ServerProcess[] = [];
  return {
    // One by one: what a class has by its prototype is not there for a spread.
    addresses,
    source: servers.source,
    servers: servers.servers,
    proxiedKafkaPort: servers.proxiedKafkaPort,
    directory,
    async startService(app, settings, name = app) {
      const port = await freePort();
      const child = appProcess({
        app,
        name,
        port,
        env: { ...addressVariables(addresses), ...settings },
        logFile: join(directory, 'logs', `${name}.log`),
      });
      services.push(child);
      await child.start();
      return { url: `http://127.0.0.1:${port}`, process: child };
    },
    async stop() {
      beforeStop?.();
      await Promise.all(services.map((service) => service.stop()));
      await servers.stop();
      await tidyUp();
    },
  };
}

function withoutAddresses(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { KAFKA_BROKERS: _kafka, SCHEMA_REGISTRY_URL: _registry, DATABASE_URL: _database, ...others } = env;
  return others;
}
