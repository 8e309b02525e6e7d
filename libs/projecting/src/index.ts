/** What a projection is: its definition, the fold of a batch, the merge of partial rows, and what its indexes serve. */
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
export { FoldError, InvalidProjectionError, NotServedError } from './errors';
export { foldBatch, foldOver, withKeys } from './fold-batch';
export type { EventToFold, FoldedRows, KeyedRecord, RowToFold, TombstoneToFold } from './fold-batch';
export { listOrder } from './list-order';
export type { Filter, ListOrder, Sort } from './list-order';
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
export { dayOf, MAX_JSON_BYTES } from './unstorable';
