/** The servers of the run, as the setup of the integration tier left them in the environment. */
export function serversUnderTest(): { brokers: string[]; registryUrl: string; databaseUrl: string } {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL } = process.env;
  if (KAFKA_BROKERS === undefined || SCHEMA_REGISTRY_URL === undefined || DATABASE_URL === undefined) {
    throw new Error('No stack for the integration tests: run them with npm test, which starts one.');
  }
  return { brokers: KAFKA_BROKERS.split(','), registryUrl: SCHEMA_REGISTRY_URL, databaseUrl: DATABASE_URL };
}

/** The settings of a service within a test: a port that is free, the servers under test, and a database of the test's own. */
export function variablesUnderTest(databaseUrl: string): Record<string, string> {
  const { brokers, registryUrl } = serversUnderTest();
  return {
    PORT: '0',
    KAFKA_BROKERS: brokers.join(','),
    SCHEMA_REGISTRY_URL: registryUrl,
    DATABASE_URL: databaseUrl,
  };
}
