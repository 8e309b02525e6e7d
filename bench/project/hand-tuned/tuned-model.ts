/** A read model as the hand-tuned loop keeps it. */
export interface TunedModel {
  /** In the schema `bench`. */
  readonly createTable: string;
  /** Folds what a partition's batch holds, in order; gives the columns of the changed rows, an array for each parameter of `upsert`. */
  fold(events: readonly Record<string, unknown>[], partition: number): unknown[][];
  readonly upsert: string;
}
