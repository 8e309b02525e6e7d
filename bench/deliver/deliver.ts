import { suiteOf } from '../suite';
import type { SuiteFigure } from '../suite';
import { startDeliverStack } from './deliver-stack';
import type { DeliverStack } from './deliver-stack';
import { drainParked } from './figures/drain-parked';
import { external } from './figures/external';
import { latency } from './figures/latency';
import { noOp } from './figures/no-op';
import { poisonKey } from './figures/poison-key';
import { upsert } from './figures/upsert';

/** What is measured of delivering. */
export type DeliverFigure = SuiteFigure<DeliverStack>;

/** A new figure is one more entry. */
export const deliver = suiteOf<DeliverStack>({
  name: 'deliver',
  figures: [noOp, upsert, latency, external, poisonKey, drainParked],
  defaults: { rounds: 3, events: 200_000 },
  warmUp: 'each is a process of its own, whose first third of the events is not counted',
  start: startDeliverStack,
  setting: 'shared by the broker, the registry, PostgreSQL and the consumer; one broker, no compression.',
});
