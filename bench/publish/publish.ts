import { WARM_UP_ROUNDS } from '../run-figure';
import { suiteOf } from '../suite';
import type { SuiteFigure } from '../suite';
import { startBenchStack } from './bench-stack';
import type { BenchStack } from './bench-stack';
import { idempotentTopics } from './figures/idempotent-topics';
import { latency } from './figures/latency';
import { memory } from './figures/memory';
import { ndjsonIngest } from './figures/ndjson-ingest';
import { outboxRelay } from './figures/outbox-relay';
import { singlePost } from './figures/single-post';

/** What is measured of publishing. */
export type PublishFigure = SuiteFigure<BenchStack>;

/** A new figure is one more entry. */
export const publish = suiteOf<BenchStack>({
  name: 'publish',
  figures: [ndjsonIngest, singlePost, latency, idempotentTopics, outboxRelay, memory],
  defaults: { rounds: 5, events: 200_000 },
  warmUp: `${WARM_UP_ROUNDS} more rounds before them are not counted`,
  start: startBenchStack,
  setting:
    'shared by the brokers, the registry, PostgreSQL, the service and the load; acks=all, one broker, no compression.',
});
