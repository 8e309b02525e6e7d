import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { addressesFromEnvironment, type StackAddresses } from './environment';
import { openEmbeddedStack } from './embedded-stack';
import type { ServerExit } from './server-start-error';
import type { ServerProcess } from './server-process';

export type ServerName = 'kafka' | 'registry' | 'postgres';

export interface OpenStackOptions {
  /** Where the embedded servers keep their data, and `logs/*.log`. Made when it is not there. */
  readonly directory: string;
  /** Wipe the directory's data first. Has no say over servers named by the environment. Default false. */
  readonly fresh?: boolean;
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** False lets PostgreSQL skip fsync: for tests. Default true. */
  readonly durable?: boolean;
  /**
   * The port of 127.0.0.1 where a proxy in front of the embedded Kafka listens. Whoever connects by
   * `Stack.proxiedKafkaPort` is told to come there, for every connection that follows from metadata; `addresses` still
   * lead to the broker directly. Default none.
   */
  readonly advertisedKafkaPort?: number;
  /** Gets plain lines for a person. */
  readonly onProgress?: (line: string) => void;
  /** An embedded server died although nobody asked it to. */
  readonly onServerExit?: (name: ServerName, exit: ServerExit) => void;
  /** Gives up a start under way: what was started is stopped, and `openStack` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Stack {
  readonly addresses: StackAddresses;
  readonly source: 'environment' | 'embedded';
  /** Where a proxy finds the embedded Kafka; undefined without `advertisedKafkaPort`. */
  readonly proxiedKafkaPort?: number | undefined;
  /** Handles of the embedded servers; empty for servers named by the environment. */
  readonly servers: Readonly<Partial<Record<ServerName, ServerProcess>>>;
  /** Stops what `openStack` started (registry and Kafka, then PostgreSQL), within about 8 s. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Finds or starts Kafka, the schema registry and PostgreSQL. Addresses in the environment come first, and are taken as
 * they are; otherwise the embedded ones start in `directory`, where their data survives restarts. If anything fails in
 * the middle, everything that was started is stopped before this rejects.
 * @throws STACK_ENVIRONMENT_INCOMPLETE, STACK_JAVA_NOT_FOUND, STACK_MAVEN_NOT_FOUND, STACK_FETCH_FAILED,
 *   STACK_DIRECTORY_IN_USE, STACK_POSTGRES_USER, STACK_SERVER_DID_NOT_START
 */
export async function openStack(options: OpenStackOptions): Promise<Stack> {
  const env = options.env ?? process.env;
  const addresses = addressesFromEnvironment(env);
  if (addresses !== undefined) {
    options.onProgress?.('using the servers named by KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL');
    return { addresses, source: 'environment', servers: {}, stop: async () => undefined };
  }
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true });
  return openEmbeddedStack({ ...options, env, directory });
}
