import { defineConfiguration, readerVariables, serverVariables, stallVariables } from '@millrace/service';

export const configuration = defineConfiguration({
  ...serverVariables({ port: 3003 }),
  ...readerVariables,
  ...stallVariables,
  PROJECTIONS: {
    kind: 'list',
    description:
      'Folders of the projections that this process hosts, from the workspace root, such as examples/flights/projections/airport.',
  },
  FOLD_THREADS: {
    kind: 'integer',
    minimum: 0,
    maximum: 64,
    default: 2,
    description:
      'Threads that fold, beside the one that answers queries; Kafka spreads the partitions of each projection over them. Each opens connections of its own. 0: the one that answers folds as well, with the least memory.',
  },
  AT_LEAST_TIMEOUT_MS: {
    kind: 'milliseconds',
    minimum: 0,
    default: 5_000,
    description:
      'How long a query with at-least waits for the read model to include the named records; wait-ms may ask for less.',
  },
  QUERY_POOL_SIZE: {
    kind: 'integer',
    minimum: 1,
    maximum: 1_000,
    default: 8,
    description:
      'Most connections to PostgreSQL that answer queries, beside those of DATABASE_POOL_SIZE, which fold. Fifty queries for each may wait; one more is refused.',
  },
  QUERY_TIMEOUT_MS: {
    kind: 'milliseconds',
    minimum: 1,
    maximum: 600_000,
    default: 5_000,
    description: 'How long PostgreSQL may work on one query; after it the answer is 503.',
  },
});
