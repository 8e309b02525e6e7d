/** What a projection is: its definition, the fold of a batch, and the merge of partial rows. */
export type {
  AggregateColumns,
  AggregateState,
  ColumnMerge,
  ColumnType,
  EntityColumns,
  EntityState,
} from './column';
export { addDecimals, compareDecimals } from './decimal';
export { defineAggregate, defineEntity } from './define-projection';
export type { AggregateDefinition, EntityDefinition, EventFold } from './define-projection';
export { FoldError, InvalidProjectionError } from './errors';
export { foldBatch, withKeys } from './fold-batch';
export type { EventToFold, FoldedRows, KeyedRecord, TombstoneToFold } from './fold-batch';
export { mergeStates } from './merge-rows';
export { groupOf, readerOf } from './build';
export type { ProjectionBuild } from './build';
export { isInSample, thresholdOf } from './sample';
export type { KeySample } from './sample';
export { shapeOf } from './projection';
export type {
  Fold,
  ProjectedEvent,
  Projection,
  ProjectionColumn,
  ProjectionShape,
  State,
  Tombstones,
} from './projection';
export { MAX_JSON_BYTES } from './unstorable';
