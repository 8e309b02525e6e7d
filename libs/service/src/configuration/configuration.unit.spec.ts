import { ConfigurationError } from './configuration-error';
import { defineConfiguration, parseConfiguration } from './configuration';
import { databaseVariables, kafkaVariables, registryVariables, serverVariables } from './shared-variables';

const definition = defineConfiguration({
  ...serverVariables({ port: 7_000 }),
  ...kafkaVariables,
  ...registryVariables,
  ...databaseVariables,
  PUBLISH_TIMEOUT_MS: {
    kind: 'milliseconds',
    minimum: 1,
    default: 5_000,
    description: 'How long a publish may take.',
  },
  AUDIT: { kind: 'switch', optional: true, description: 'Whether to audit.' },
});

const complete = {
  KAFKA_BROKERS: 'one:9092, [::1]:9093',
  SCHEMA_REGISTRY_URL: 'http://127.0.0.1:8081/apis/ccompat/v7',
  DATABASE_URL: 'postgres://user:sesame@localhost/millrace',
};

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfiguration(definition, env);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.problems;
    }
    throw error;
  }
  return [];
}

describe('a configuration', () => {
  it('is typed by its definition and takes defaults for what is not set', () => {
    const settings = parseConfiguration(definition, { ...complete, LOG_LEVEL: '', AUDIT: 'true' });
    const level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' = settings.LOG_LEVEL;
    const audit: boolean | undefined = settings.AUDIT;
    expect(level).toBe('info');
    expect(audit).toBe(true);
    expect(settings).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 7_000,
      KAFKA_BROKERS: ['one:9092', '[::1]:9093'],
      PUBLISH_TIMEOUT_MS: 5_000,
      DATABASE_POOL_SIZE: 10,
    });
  });

  it('cannot be changed once it is parsed', () => {
    expect(Object.isFrozen(parseConfiguration(definition, complete))).toBe(true);
  });

  it('reports every problem at once, by the name of the variable', () => {
    expect(
      problemsOf({
        PORT: '70000',
        LOG_LEVEL: 'loud',
        KAFKA_BROKERS: 'one:9092,two',
        SCHEMA_REGISTRY_URL: 'ftp://registry',
        PUBLISH_TIMEOUT_MS: '1.5',
        AUDIT: 'yes',
      }),
    ).toEqual([
      'PORT: expected a port from 0 to 65535, where 0 takes any free one, got "70000"',
      'LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, got "loud"',
      'KAFKA_BROKERS: expected host:port pairs separated by commas, got "one:9092,two"',
      'SCHEMA_REGISTRY_URL: expected a URL that begins with http:// or https://, got "ftp://registry"',
      'DATABASE_URL: expected a URL that begins with postgres:// or postgresql://, but it is not set (PostgreSQL database, with user and password.)',
      'PUBLISH_TIMEOUT_MS: expected milliseconds, a whole number from 1, got "1.5"',
      'AUDIT: expected true or false, got "yes"',
    ]);
  });

  it('never prints the value of a secret', () => {
    const problems = problemsOf({ ...complete, DATABASE_URL: 'mysql://user:sesame@localhost/millrace' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('DATABASE_URL');
    expect(problems[0]).not.toContain('sesame');
  });

  it.each([
    ['a duration without its unit', { TIMEOUT: { kind: 'milliseconds', description: '' } }, '_MS'],
    ['a size without its unit', { LIMIT: { kind: 'bytes', description: '' } }, '_BYTES'],
    ['a name in another case', { port: { kind: 'port', description: '' } }, 'UPPER_SNAKE_CASE'],
  ] as const)('refuses %s', (_case, wrong, expected) => {
    expect(() => defineConfiguration(wrong)).toThrow(expected);
  });
});
