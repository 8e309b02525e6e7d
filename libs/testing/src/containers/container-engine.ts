import type { ContainerRuntimeClient } from 'testcontainers';
import { ContainerEngineError } from './container-engine-error';

/** What identifies the engine that a client speaks to. */
export interface EngineAddress {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: string | number;
}

/**
 * The container engine of this machine: the one that DOCKER_HOST names, otherwise the one at the usual sockets.
 * @throws ContainerEngineError TEST_CONTAINER_ENGINE when none answers, when the named one does not, or when it is
 *   another machine's, whose loopback ports cannot be reached from here
 */
export async function findContainerEngine(): Promise<ContainerRuntimeClient> {
  // Loaded only when it is asked for: every spec imports this library.
  const { getContainerRuntimeClient } = await import('testcontainers');
  const wanted = process.env['DOCKER_HOST']?.trim();
  let client: ContainerRuntimeClient;
  try {
    client = await getContainerRuntimeClient();
  } catch (cause) {
    throw new ContainerEngineError(
      wanted ? `no container engine answers at DOCKER_HOST=${wanted}` : 'no container engine answers',
      { cause },
    );
  }
  if (wanted && !isAt(wanted, client.container.dockerode.modem as EngineAddress)) {
    throw new ContainerEngineError(`no container engine answers at DOCKER_HOST=${wanted} (another one does)`);
  }
  const { host } = client.info.containerRuntime;
  if (host !== 'localhost' && host !== '127.0.0.1') {
    throw new ContainerEngineError(`the container engine is at ${host}, not on this machine`);
  }
  return client;
}

/** Testcontainers passes over an address that does not answer, and would take another engine without a word. */
export function isAt(dockerHost: string, { socketPath, host, port }: EngineAddress): boolean {
  const wanted = new URL(dockerHost);
  if (wanted.hostname === '') return socketPath === wanted.pathname;
  return host === wanted.hostname && String(port) === wanted.port;
}
