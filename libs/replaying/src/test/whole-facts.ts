import type { LivePosition, ProjectionFacts, RebuildFacts, SchemaFacts, TopicFacts } from '../rebuild-facts';

const last = { timestampMs: 981_000_000_000, identity: '/specs\norder-7' };

export const projection: ProjectionFacts = {
  name: 'order',
  version: 2,
  kind: 'entity',
  topics: ['orders'],
  latestWins: false,
  tombstones: undefined,
  folds: ['shop.OrderPlaced'],
  ignores: ['shop.OrderPrinted'],
};

export const orders: TopicFacts = {
  topic: 'orders',
  partitions: [
    { start: 0n, end: 40n },
    { start: 0n, end: 0n },
  ],
  cleanupPolicy: 'delete',
};

export const live: LivePosition = {
  topic: 'orders',
  partition: 0,
  nextOffset: 30n,
  partitionCount: 2,
  last,
  found: last,
};

export const placed: SchemaFacts = {
  subject: 'orders-shop.OrderPlaced',
  version: 1,
  schemaId: 5,
  eventType: 'shop.OrderPlaced',
};

/** Facts that speak against nothing, with changes. */
export function factsWith(changes: Partial<RebuildFacts> = {}): RebuildFacts {
  return { projection, topics: [orders], live: [live], schemas: [placed], ...changes };
}
