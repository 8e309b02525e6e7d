/** What a projection is: its definition, the fold of a batch, and the merge of partial rows. */
export type {
  AggregateColumns,
  AggregateState,
  ColumnMerge,
  ColumnType,
  EntityColumns,
  EntityState,
} from './column';
export { defineAggregate, defineEntity } from './define-projection';
export type { AggregateDefinition, EntityDefinition, EventFold } from './define-projection';
export { FoldError, InvalidProjectionError } from './errors';
export { foldBatch, keysOf } from './fold-batch';
export type { EventToFold, FoldedRows } from './fold-batch';
export { mergeStates } from './merge-rows';
export { readerOf } from './projection';
export type { Fold, ProjectedEvent, Projection, ProjectionColumn, State } from './projection';
