import { MillraceError } from '@millrace/contracts';

/** Where the three servers answer. `databaseUrl` holds a password: never log it. */
export interface StackAddresses {
  readonly kafkaBrokers: readonly string[];
  readonly schemaRegistryUrl: string;
  readonly databaseUrl: string;
}

/** Some of the three variables are set and others are not. */
export class StackEnvironmentError extends MillraceError {
  override readonly name = 'StackEnvironmentError';
  readonly code = 'STACK_ENVIRONMENT_INCOMPLETE';
  readonly retriable = false;
}

const VARIABLES = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'DATABASE_URL'] as const;

/**
 * The addresses in the environment, or undefined when it names none: the three belong together, because the database
 * remembers the cluster and the registry it was used with. An empty variable counts as not set.
 * @throws StackEnvironmentError STACK_ENVIRONMENT_INCOMPLETE, naming what is missing
 */
export function addressesFromEnvironment(env: NodeJS.ProcessEnv): StackAddresses | undefined {
  const missing = VARIABLES.filter((name) => !env[name]?.trim());
  if (missing.length === VARIABLES.length) return undefined;
  if (missing.length > 0) {
    const present = VARIABLES.filter((name) => !missing.includes(name));
    throw new StackEnvironmentError(
      `${present.join(' and ')} ${present.length === 1 ? 'is' : 'are'} set, but ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not. Set all three to use servers of your own, or none to start the embedded ones.`,
      { context: { missing } },
    );
  }
  const [brokers = '', schemaRegistryUrl = '', databaseUrl = ''] = VARIABLES.map((name) => env[name]?.trim());
  const kafkaBrokers = brokers.split(',').map((broker) => broker.trim());
  return { kafkaBrokers: kafkaBrokers.filter(Boolean), schemaRegistryUrl, databaseUrl };
}

/** The environment by which a process finds these servers. */
export function addressVariables(addresses: StackAddresses): Record<string, string> {
  return {
    KAFKA_BROKERS: addresses.kafkaBrokers.join(','),
    SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
    DATABASE_URL: addresses.databaseUrl,
  };
}
