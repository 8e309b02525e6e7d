import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { classArchiveFlags } from './class-archive';
import type { JavaCandidate } from './find-java';
import { answersHttp } from './readiness';
import { ServerProcess, type ServerProcessOptions } from './server-process';

export interface RegistryServerOptions extends Pick<ServerProcessOptions, 'logFile' | 'pidFile' | 'onExit'> {
  readonly java: JavaCandidate;
  /** Holds the unpacked distribution. */
  readonly distribution: string;
  /** A working directory of its own. */
  readonly directory: string;
  readonly port: number;
  readonly managementPort: number;
  readonly database: {
    readonly port: number;
    readonly name: string;
    readonly user: string;
    readonly password: string;
  };
  /** Inherited variables: the registry reads any `QUARKUS_*` and `APICURIO_*` from there. */
  readonly env: NodeJS.ProcessEnv;
}

/** The Confluent-compatible API of a registry on that port. */
export function schemaRegistryUrl(port: number): string {
  return `http://127.0.0.1:${port}/apis/ccompat/v7`;
}

/** A real Apicurio Registry on loopback that keeps its state in PostgreSQL. */
export function createRegistryServer(options: RegistryServerOptions): ServerProcess {
  const { java, distribution, directory, port, managementPort, database, env } = options;
  mkdirSync(directory, { recursive: true });
  return new ServerProcess({
    ...options,
    name: 'registry',
    command: java.executable,
    args: [
      ...['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      ...classArchiveFlags({ java, directory: distribution }),
      ...['-jar', join(distribution, 'quarkus-run.jar')],
    ],
    cwd: directory,
    env: {
      ...withoutPrefixes(env, ['QUARKUS_', 'APICURIO_']),
      QUARKUS_HTTP_HOST: '127.0.0.1',
      QUARKUS_HTTP_PORT: String(port),
      QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
      QUARKUS_MANAGEMENT_PORT: String(managementPort),
      QUARKUS_LOG_CONSOLE_COLOR: 'false',
      APICURIO_STORAGE_KIND: 'sql',
      APICURIO_STORAGE_SQL_KIND: 'postgresql',
      APICURIO_DATASOURCE_URL: `jdbc:postgresql://127.0.0.1:${database.port}/${database.name}`,
      APICURIO_DATASOURCE_USERNAME: database.user,
      APICURIO_DATASOURCE_PASSWORD: database.password,
    },
    ports: [port, managementPort],
    isReady: answersHttp(`${schemaRegistryUrl(port)}/subjects`),
    stopGraceMs: 5_000,
  });
}

/** What the user set for a registry of their own must not reconfigure this one. */
function withoutPrefixes(env: NodeJS.ProcessEnv, prefixes: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix))),
  );
}
