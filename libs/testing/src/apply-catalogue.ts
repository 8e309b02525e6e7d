import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalogue } from '@millrace/contracts';
import { createKafkaClient, withCluster } from '@millrace/kafka';
import { registerSchemas, RegistryClient, RegistryUnreachableError } from '@millrace/schema-registry';
import { serversUnderTest } from './servers-under-test';
import { silentLogger } from './silent-logger';

const GIVE_UP_MS = 30_000;
const AGAIN_AFTER_MS = 100;

/**
 * Makes a catalogue real: its topics, with the replication that the cluster can carry, and its schemas. Idempotent. A registry
 * that has just started may take longer for its first schemas than a request may last: it is asked again.
 */
export async function applyCatalogue(
  catalogue: Catalogue,
  servers: { readonly brokers: readonly string[]; readonly registryUrl: string } = serversUnderTest(),
): Promise<void> {
  const { brokers, registryUrl } = servers;
  const kafka = createKafkaClient({ brokers, clientId: 'apply-catalogue', log: silentLogger });
  await withCluster(kafka, async (cluster) =>
    cluster.applyTopics(await cluster.planTopics(catalogue.topics, { fitReplicationToBrokers: true })),
  );
  const registry = new RegistryClient({ url: registryUrl });
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    try {
      await registerSchemas(catalogue, registry);
      return;
    } catch (error) {
      if (!(error instanceof RegistryUnreachableError) || performance.now() > deadline) throw error;
      await sleep(AGAIN_AFTER_MS);
    }
  }
}
