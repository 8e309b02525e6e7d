import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GenericContainer } from 'testcontainers';
import type { ContainerRuntimeClient, StartedNetwork, WaitStrategy } from 'testcontainers';
import type { ContainerDefinition } from './container-definitions';
import type { EngineContainer } from './container-server';

/** A container of testcontainers' that is published on loopback only, and whose readiness is the caller's matter. */
export class LoopbackContainer extends GenericContainer {
  constructor({ name, image, environment, command, port, files }: ContainerDefinition) {
    super(image);
    this.withEnvironment({ ...environment })
      .withNetworkAliases(name)
      .withExposedPorts(port)
      .withCopyContentToContainer(Object.entries(files).map(([target, content]) => ({ target, content })))
      .withWaitStrategy(notWaiting);
    if (command !== undefined) this.withCommand([...command]);
    this.hostConfig.PortBindings = {
      [`${port.container}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(port.host) }],
    };
  }
}

/** Creates a container, and starts it for the first time. It is removed with the test process, however that ends. */
export async function startEngineContainer(
  client: ContainerRuntimeClient,
  network: StartedNetwork,
  definition: ContainerDefinition,
): Promise<EngineContainer & { remove(): Promise<void> }> {
  const started = await new LoopbackContainer(definition).withNetwork(network).start();
  const container = client.container.getById(started.getId());
  return {
    start: () => container.start() as Promise<void>,
    isRunning: async () => (await container.inspect()).State.Running,
    stop: async (graceSeconds) => client.container.stop(container, { timeout: graceSeconds * 1_000 }),
    signal: (signal) => container.kill({ signal }) as Promise<void>,
    ended: () => container.wait({ condition: 'not-running' }) as Promise<void>,
    freeze: () => container.pause() as Promise<void>,
    thaw: () => container.unpause() as Promise<void>,
    async follow(logFile) {
      await mkdir(dirname(logFile), { recursive: true });
      const { State } = await container.inspect();
      const since = Math.floor(Date.parse(State.StartedAt) / 1_000);
      const output = await client.container.logs(container, {
        since,
        follow: true,
        stdout: true,
        stderr: true,
      });
      // The log is for people: a connection to the engine that is lost must not end the test.
      void pipeline(output, createWriteStream(logFile, { flags: 'a' })).catch(() => undefined);
    },
    remove: () => container.remove({ force: true, v: true }) as Promise<void>,
  };
}

const notWaiting: WaitStrategy = {
  waitUntilReady: async () => undefined,
  withStartupTimeout: () => notWaiting,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 60_000,
};
