import type { ServerName } from '@millrace/stack';
import { readComposeService } from './compose-file';
import type { ComposeService } from './compose-file';

/** A server as a container: what docker-compose.yml says, on ports of its own and with settings for tests. */
export interface ContainerDefinition {
  readonly name: ServerName;
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Replaces the image's command; its entrypoint stays. */
  readonly command: readonly string[] | undefined;
  readonly port: { readonly container: number; readonly host: number };
  /** By their path in the container. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ContainerSettings {
  /** Of 127.0.0.1. Fixed, so that a server that is started again answers where it did before. */
  readonly ports: Readonly<Record<ServerName, number>>;
  readonly clusterId: string;
  readonly password: string;
}

/** As with the embedded broker: a new one is taken soon after a kill. */
const KAFKA_FOR_TESTS = {
  KAFKA_BROKER_HEARTBEAT_INTERVAL_MS: '500',
  KAFKA_BROKER_SESSION_TIMEOUT_MS: '3000',
};

/** What a test stores need not outlive a loss of power; several workers and their services connect. */
const POSTGRES_FOR_TESTS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
};

/** The three servers. @throws when docker-compose.yml is no longer what this builds upon */
export function containerDefinitions(settings: ContainerSettings): Record<ServerName, ContainerDefinition> {
  const { ports, clusterId, password } = settings;
  const variables = { KAFKA_CLUSTER_ID: clusterId, POSTGRES_PASSWORD: password };
  const define = (name: ServerName, changes: (service: ComposeService) => Partial<ContainerDefinition>) => {
    const { port, ...service } = readComposeService(name, { variables });
    return {
      name,
      command: undefined,
      ...service,
      port: { container: port, host: ports[name] },
      ...changes({ port, ...service }),
    };
  };
  return {
    kafka: define('kafka', ({ environment, port }) => ({
      environment: { ...environment, ...KAFKA_FOR_TESTS, ...advertise(environment, port, ports.kafka) },
    })),
    postgres: define('postgres', () => ({
      command: [
        'postgres',
        ...Object.entries(POSTGRES_FOR_TESTS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
    })),
    registry: define('registry', () => ({})),
  };
}

/** Clients are sent to the address that the broker advertises: it must name the port of this machine. */
function advertise(
  { KAFKA_ADVERTISED_LISTENERS = '' }: Readonly<Record<string, string>>,
  containerPort: number,
  hostPort: number,
): Record<string, string> {
  const published = `HOST://127.0.0.1:${containerPort}`;
  if (!KAFKA_ADVERTISED_LISTENERS.split(',').includes(published)) {
    throw new Error(
      `docker-compose.yml: expected kafka to advertise ${published}, got ${KAFKA_ADVERTISED_LISTENERS}`,
    );
  }
  return {
    KAFKA_ADVERTISED_LISTENERS: KAFKA_ADVERTISED_LISTENERS.replace(published, `HOST://127.0.0.1:${hostPort}`),
  };
}
