import { join } from 'node:path';
import { answersHttp, isPortFree, ServerProcess } from '@millrace/stack';
import type { StackAddresses } from '@millrace/stack';

export const SERVICE_NAMES = ['producer', 'consumer', 'projection'] as const;
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

const PREFERRED_PORTS: Record<ServiceName, number> = { producer: 3001, consumer: 3002, projection: 3003 };

/** What the flights example hosts in each service. */
const SETTINGS: Record<ServiceName, Record<string, string>> = {
  producer: {},
  consumer: { CONSUMER_GROUPS: 'examples/flights/groups/delay-alerts' },
  projection: { PROJECTIONS: 'examples/flights/projections/flight,examples/flights/projections/airport' },
};

/** The flags of a Node process of ours; kafkajs sets timers in the past, and Node 24 would report each. */
export const NODE_FLAGS = ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning'];

/** The compiled main file of an app, wherever the build lies. */
export function appMain(app: string): string {
  return join(import.meta.dirname, '../../../apps', app, 'src/main.js');
}

/**
 * Starts the three services, each a process with its own port, and resolves when all are ready.
 * @throws ServerStartError naming the service; those that started are stopped before.
 */
export async function startServices(options: StartServicesOptions): Promise<RunningService[]> {
  const services: RunningService[] = [];
  const taken = new Set<number>();
  for (const name of SERVICE_NAMES) {
    const port = await freePort(PREFERRED_PORTS[name], taken);
    taken.add(port);
    const url = `http://127.0.0.1:${port}`;
    const process = new ServerProcess({
      name,
      command: globalThis.process.execPath,
      args: [...NODE_FLAGS, appMain(name)],
      env: {
        ...globalThis.process.env,
        ...serverVariables(options.addresses),
        ...SETTINGS[name],
        HOST: '127.0.0.1',
        PORT: String(port),
      },
      logFile: join(options.logDirectory, `${name}.log`),
      ports: [port],
      isReady: answersHttp(`${url}/health/ready`),
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

/** The environment by which our processes find the stack. */
export function serverVariables(addresses: StackAddresses): Record<string, string> {
  return {
    KAFKA_BROKERS: addresses.kafkaBrokers.join(','),
    SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
    DATABASE_URL: addresses.databaseUrl,
  };
}

async function freePort(preferred: number, taken: ReadonlySet<number>): Promise<number> {
  for (let port = preferred; ; port += 10) {
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
}
