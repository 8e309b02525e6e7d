/** What a replay will do and whether it can be right. */
export { checkRebuild } from './check-rebuild';
export { foundAt } from './found-at';
export { ProgressMeter } from './progress-meter';
export type { ProgressEstimate } from './progress-meter';
export type {
  LivePosition,
  PartitionExtent,
  ProjectionFacts,
  RebuildFacts,
  SchemaFacts,
  TopicFacts,
} from './rebuild-facts';
export type { Refusal, RefusalCheck } from './refusal';
