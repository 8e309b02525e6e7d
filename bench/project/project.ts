import { suiteOf } from '../suite';
import type { SuiteFigure } from '../suite';
import { live } from './figures/live';
import { memory } from './figures/memory';
import { query } from './figures/query';
import { rebuildAggregate, rebuildEntity } from './figures/rebuild';
import { swapPause } from './figures/swap-pause';
import { threads } from './figures/threads';
import { visible } from './figures/visible';
import { startProjectStack } from './project-stack';
import type { ProjectStack } from './project-stack';

/** What is measured of projecting. */
export type ProjectFigure = SuiteFigure<ProjectStack>;

/** A new figure is one more entry. The first needs a log that is not whole yet, and the last ones write more to it. */
export const project = suiteOf<ProjectStack>({
  name: 'project',
  figures: [memory, query, rebuildAggregate, rebuildEntity, threads, live, visible, swapPause],
  defaults: { rounds: 3, events: 6_000_000 },
  warmUp: 'our services live through all rounds; peers are processes of their own in each',
  start: startProjectStack,
  setting:
    'shared by the broker, the registry, PostgreSQL and the contestant; one broker, no compression, fsync on.',
});
