import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { verifyStackIdentity } from '../index';

describe('the identity of the stack', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createPlatformDatabase();
  });

  afterAll(() => database.drop());

  it('is remembered from the first use, by one of many who come at once, and holds from then on', async () => {
    const verify = (kafkaClusterId: string, registryId: string) =>
      verifyStackIdentity(database.pool, { kafkaClusterId, registryId });
    const present = Array.from({ length: 5 }, () => verify('cluster-1', 'registry-1'));
    await expect(Promise.all(present)).resolves.toBeDefined();
    for (const [cluster, registry] of [
      ['cluster-2', 'registry-1'],
      ['cluster-1', 'registry-2'],
    ] as const) {
      await expect(verify(cluster, registry)).rejects.toMatchObject({
        code: 'STACK_MISMATCH',
        retriable: false,
        message:
          'This database belongs to Kafka cluster cluster-1 and registry registry-1, and was started with cluster ' +
          `${cluster} and registry ${registry}. Its positions and schema ids mean nothing there. ` +
          'Set KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL to servers that belong together.',
      });
    }
    await expect(verify('cluster-1', 'registry-1')).resolves.toBeUndefined();
  });
});
