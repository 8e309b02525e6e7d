import { MillraceError } from '@millrace/contracts';
import type { Pool } from 'pg';

/** The cluster and the registry that a database belongs to. */
export interface StackIdentity {
  readonly kafkaClusterId: string;
  readonly registryId: string;
}

/** The database was used with another Kafka cluster or another schema registry. */
export class StackMismatchError extends MillraceError {
  override readonly name = 'StackMismatchError';
  override readonly code = 'STACK_MISMATCH';
  override readonly retriable = false;

  constructor(recorded: StackIdentity, present: StackIdentity) {
    super(
      `This database belongs to Kafka cluster ${recorded.kafkaClusterId} and registry ${recorded.registryId}, and was ` +
        `started with cluster ${present.kafkaClusterId} and registry ${present.registryId}. Its positions and schema ids ` +
        'mean nothing there. Set KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL to servers that belong together.',
      {
        context: {
          recordedCluster: recorded.kafkaClusterId,
          presentCluster: present.kafkaClusterId,
          recordedRegistry: recorded.registryId,
          presentRegistry: present.registryId,
        },
      },
    );
  }
}

/**
 * Remembers the cluster and the registry that this database is used with, and refuses any other from then on:
 * its positions would point into another log, and its schema ids would decode into nonsense. Safe to call from
 * services that start together.
 * @throws StackMismatchError when the database was used with another cluster or registry.
 */
export async function verifyStackIdentity(pool: Pool, present: StackIdentity): Promise<void> {
  await pool.query(
    `INSERT INTO millrace.stack_identity (kafka_cluster_id, registry_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    [present.kafkaClusterId, present.registryId],
  );
  const { rows } = await pool.query<{ kafka_cluster_id: string; registry_id: string }>(
    'SELECT kafka_cluster_id, registry_id FROM millrace.stack_identity',
  );
  const recorded = rows[0];
  if (recorded === undefined) return;
  const { kafka_cluster_id: kafkaClusterId, registry_id: registryId } = recorded;
  if (kafkaClusterId !== present.kafkaClusterId || registryId !== present.registryId) {
    throw new StackMismatchError({ kafkaClusterId, registryId }, present);
  }
}
