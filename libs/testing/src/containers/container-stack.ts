import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '@millrace/postgres';
import { answersHttp, answersKafka, choosePorts, newClusterId } from '@millrace/stack';
import type { ServerName, StackAddresses } from '@millrace/stack';
import { silentLogger } from '../silent-logger';
import type { TestServers } from '../open-test-servers';
import { containerDefinitions } from './container-definitions';
import { findContainerEngine } from './container-engine';
import { ContainerServer } from './container-server';

const NAMES = ['kafka', 'postgres', 'registry'] as const satisfies readonly ServerName[];

/**
 * Kafka, the registry and PostgreSQL in containers: the images and the settings of docker-compose.yml, each on a port of
 * 127.0.0.1 that it keeps. `directory` gets the logs. If anything fails in the middle, what was started is removed.
 * @throws TEST_CONTAINER_ENGINE, STACK_SERVER_DID_NOT_START, or what the engine says about an image
 */
export async function openContainerStack(directory: string): Promise<TestServers> {
  const client = await findContainerEngine();
  const { Network } = await import('testcontainers');
  const { startEngineContainer } = await import('./engine-container');

  const ports = await choosePorts(join(directory, 'ports.json'), NAMES);
  const password = randomBytes(24).toString('hex');
  const definitions = containerDefinitions({ ports, password, clusterId: newClusterId() });
  const addresses: StackAddresses = {
    kafkaBrokers: [`127.0.0.1:${ports.kafka}`],
    schemaRegistryUrl: `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`,
    databaseUrl: `postgresql://millrace:${password}@127.0.0.1:${ports.postgres}/millrace`,
  };
  const readiness: Record<ServerName, () => Promise<boolean>> = {
    kafka: answersKafka(ports.kafka),
    postgres: () => answersQueries(addresses.databaseUrl),
    registry: answersHttp(`${addresses.schemaRegistryUrl}/subjects`),
  };

  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const network = await new Network().start();
    undo.push(() => network.stop());
    const servers: Partial<Record<ServerName, ContainerServer>> = {};
    const open = async (name: ServerName): Promise<void> => {
      const container = await startEngineContainer(client, network, definitions[name]);
      undo.push(() => container.remove());
      const logFile = join(directory, 'logs', `${name}.log`);
      const server = new ContainerServer({ name, container, logFile, isReady: readiness[name] });
      servers[name] = server;
      await server.becomeReady();
    };
    // The registry ends when it finds no database.
    const attempts = [open('kafka'), open('postgres').then(() => open('registry'))];
    await Promise.allSettled(attempts);
    await Promise.all(attempts);
    return { addresses, source: 'containers', servers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Over TCP: while the image runs the first scripts, its server listens on the socket alone. */
async function answersQueries(url: string): Promise<boolean> {
  const database = openDatabase({ url, applicationName: 'readiness', poolSize: 1, log: silentLogger });
  try {
    await database.query('SELECT 1');
    return true;
  } finally {
    await database.end();
  }
}
