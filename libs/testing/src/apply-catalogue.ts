import type { Catalogue } from '@millrace/contracts';
import { createKafkaClient, withCluster } from '@millrace/kafka';
import { registerSchemas, RegistryClient } from '@millrace/schema-registry';
import { serversUnderTest } from './servers-under-test';
import { silentLogger } from './silent-logger';

/** Makes a catalogue real: its topics, with the replication that the cluster can carry, and its schemas. Idempotent. */
export async function applyCatalogue(
  catalogue: Catalogue,
  servers: { readonly brokers: readonly string[]; readonly registryUrl: string } = serversUnderTest(),
): Promise<void> {
  const { brokers, registryUrl } = servers;
  const kafka = createKafkaClient({ brokers, clientId: 'apply-catalogue', log: silentLogger });
  await withCluster(kafka, async (cluster) =>
    cluster.applyTopics(await cluster.planTopics(catalogue.topics, { fitReplicationToBrokers: true })),
  );
  await registerSchemas(catalogue, new RegistryClient({ url: registryUrl }));
}
