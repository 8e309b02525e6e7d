import { suiteOf } from '../suite';
import type { SuiteFigure } from '../suite';
import { rebuildAggregate, rebuildEntity } from './figures/rebuild';
import { startProjectStack } from './project-stack';
import type { ProjectStack } from './project-stack';

/** What is measured of projecting. */
export type ProjectFigure = SuiteFigure<ProjectStack>;

/** A new figure is one more entry. */
export const project = suiteOf<ProjectStack>({
  name: 'project',
  figures: [rebuildAggregate, rebuildEntity],
  defaults: { rounds: 3, events: 6_000_000 },
  warmUp: 'our services live through all rounds; peers are processes of their own in each',
  start: startProjectStack,
  setting:
    'shared by the broker, the registry, PostgreSQL and the contestant; one broker, no compression, fsync on.',
});
