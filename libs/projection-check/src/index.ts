/** For the specs of projections: finds a fold that is not pure, and an aggregate that depends on its partitions. */
export { checkProjection } from './check-projection';
export type { CheckOptions } from './check-projection';
export { eventWrittenBefore } from './event-written-before';
export { MissingSamplesError, UnfitProjectionError } from './errors';
export type { Fault } from './problem';
