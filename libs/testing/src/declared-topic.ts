import type { TopicDefinition } from '@millrace/contracts';

/** A topic as topics.yaml would declare it, for one broker: of three partitions, without events, unless `changes` says otherwise. */
export function declaredTopic(name: string, changes: Partial<TopicDefinition> = {}): TopicDefinition {
  return {
    name,
    description: 'What happens to an order.',
    owner: 'specs',
    partitions: 3,
    replication: { factor: 1, minInSync: 1 },
    retentionMs: 'unlimited',
    cleanup: 'delete',
    keyField: 'orderId',
    compatibility: 'FULL_TRANSITIVE',
    events: [],
    ...changes,
  };
}
