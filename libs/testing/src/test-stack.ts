import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressVariables, appProcess, freePort } from '@millrace/stack';
import type { ServerProcess } from '@millrace/stack';
import { openTestServers } from './open-test-servers';
import type { TestServers } from './open-test-servers';

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

/**
 * Starts a stack in a directory of its own; `stop` stops the services too and removes the directory. The
 * environment's servers are never used: a test that kills must not kill somebody's. TEST_STACK decides between
 * processes and containers.
 */
export async function startTestStack(): Promise<TestStack> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const {
    KAFKA_BROKERS: _kafka,
    SCHEMA_REGISTRY_URL: _registry,
    DATABASE_URL: _database,
    ...env
  } = process.env;
  const stack = await openTestServers(directory, env).catch(async (error: unknown) => {
    await rm(directory, { recursive: true, force: true });
    throw error;
  });
  const services: ServerProcess[] = [];
  return {
    // One by one: what a class has by its prototype is not there for a spread.
    addresses: stack.addresses,
    source: stack.source,
    servers: stack.servers,
    directory,
    async startService(app, settings, name = app) {
      const port = await freePort();
      const child = appProcess({
        app,
        name,
        port,
        env: { ...addressVariables(stack.addresses), ...settings },
        logFile: join(directory, 'logs', `${name}.log`),
      });
      services.push(child);
      await child.start();
      return { url: `http://127.0.0.1:${port}`, process: child };
    },
    async stop() {
      await Promise.all(services.map((service) => service.stop()));
      await stack.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
