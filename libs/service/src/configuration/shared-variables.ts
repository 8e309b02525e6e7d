import type { ConfigurationDefinition } from './variable';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** What every service that `runService` starts has. Only the default port differs from service to service. */
export function serverVariables(defaults: { readonly port: number }) {
  return {
    HOST: {
      kind: 'text',
      default: '127.0.0.1',
      description: 'Address that the HTTP server listens on; 0.0.0.0 for all of the machine’s.',
    },
    PORT: { kind: 'port', default: defaults.port, description: 'Port that the HTTP server listens on.' },
    MAX_CONNECTIONS: {
      kind: 'integer',
      minimum: 1,
      default: 10_000,
      description: 'Most connections that the HTTP server keeps open; one more is closed at once.',
    },
    MAX_HEADER_BYTES: {
      kind: 'bytes',
      minimum: 1_024,
      maximum: 1_048_576,
      default: 16_384,
      description: 'Most bytes of a request’s headers together; above it the answer is 431.',
    },
    HEADERS_TIMEOUT_MS: {
      kind: 'milliseconds',
      minimum: 100,
      maximum: 300_000,
      default: 10_000,
      description: 'How long a client may take to send the headers of a request; after it the answer is 408.',
    },
    LOG_LEVEL: {
      kind: 'choice',
      choices: logLevels,
      default: 'info',
      description: 'Lowest level of the log lines that are written.',
    },
    SHUTDOWN_TIMEOUT_MS: {
      kind: 'milliseconds',
      minimum: 1,
      default: 8_000,
      description: 'How long a graceful stop may take before the process gives up and exits with code 1.',
    },
  } as const satisfies ConfigurationDefinition;
}

export type ServerVariables = ReturnType<typeof serverVariables>;

export const kafkaVariables = {
  KAFKA_BROKERS: { kind: 'addresses', description: 'Kafka brokers to ask first.' },
} as const satisfies ConfigurationDefinition;

/** For services that keep positions in the log. */
export const stallVariables = {
  STALL_TIMEOUT_MS: {
    kind: 'milliseconds',
    minimum: 1_000,
    default: 60_000,
    description:
      'How long nothing may be done in a partition, without a reason, while its log goes on; then it counts as stalled. Never less than KAFKA_SESSION_TIMEOUT_MS, nor, where handlers are external, than all tries of a call.',
  },
} as const satisfies ConfigurationDefinition;

export const registryVariables = {
  SCHEMA_REGISTRY_URL: {
    kind: 'url',
    schemes: ['http', 'https'],
    description: 'Base of the schema registry’s Confluent-compatible API.',
  },
} as const satisfies ConfigurationDefinition;

export const databaseVariables = {
  DATABASE_URL: {
    kind: 'url',
    schemes: ['postgres', 'postgresql'],
    secret: true,
    description: 'PostgreSQL database, with user and password.',
  },
  DATABASE_POOL_SIZE: {
    kind: 'integer',
    minimum: 1,
    maximum: 1_000,
    default: 10,
    description: 'Most connections to PostgreSQL that one process opens.',
  },
} as const satisfies ConfigurationDefinition;

/** For services that read the log as members of a consumer group, with their positions in the database. */
export const readerVariables = {
  ...kafkaVariables,
  KAFKA_SESSION_TIMEOUT_MS: {
    kind: 'milliseconds',
    minimum: 6_000,
    default: 30_000,
    description:
      'How long a process may be silent before its partitions go to others. A transaction that it left open is ended by PostgreSQL after two thirds of that.',
  },
  ...registryVariables,
  ...databaseVariables,
} as const satisfies ConfigurationDefinition;
