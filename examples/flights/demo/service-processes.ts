import { join } from 'node:path';
import { addressVariables, appProcess, freePort } from '@millrace/stack';
import type { ServerProcess, StackAddresses } from '@millrace/stack';

export const SERVICE_NAMES = ['producer', 'consumer', 'projection', 'replay'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface RunningService {
  readonly name: ServiceName;
  readonly url: string;
  readonly process: ServerProcess;
}

export interface StartServicesOptions {
  readonly addresses: StackAddresses;
  readonly logDirectory: string;
  /** Called when a service dies although nobody asked it to. */
  readonly onDeath: (service: ServerProcess) => void;
  readonly signal: AbortSignal;
}

const PREFERRED_PORTS: Record<ServiceName, number> = {
  producer: 3001,
  consumer: 3002,
  projection: 3003,
  replay: 3004,
};

/** What the flights example hosts in each service. */
const SETTINGS: Record<ServiceName, Record<string, string>> = {
  producer: {},
  consumer: { CONSUMER_GROUPS: 'examples/flights/groups/delay-alerts' },
  projection: { PROJECTIONS: 'examples/flights/projections/flight,examples/flights/projections/airport' },
  replay: {},
};

/**
 * Starts the services, each a process with its own port, and resolves when all are ready.
 * @throws ServerStartError naming the service; those that started are stopped before.
 */
export async function startServices(options: StartServicesOptions): Promise<RunningService[]> {
  const services: RunningService[] = [];
  for (const name of SERVICE_NAMES) {
    const port = await freePort(PREFERRED_PORTS[name]);
    const url = `http://127.0.0.1:${port}`;
    const process = appProcess({
      app: name,
      port,
      env: { ...addressVariables(options.addresses), ...SETTINGS[name] },
      logFile: join(options.logDirectory, `${name}.log`),
      onExit: () => options.onDeath(process),
    });
    services.push({ name, url, process });
  }
  const started = await Promise.allSettled(services.map((service) => service.process.start(options.signal)));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed === undefined) return services;
  await Promise.all(services.map((service) => service.process.stop()));
  throw failed.reason;
}
