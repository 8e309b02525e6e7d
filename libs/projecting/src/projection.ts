import type { FoldBounds } from '@millrace/delivery';
import type { EventMetadata } from '@millrace/event';
import type { ColumnMerge, ColumnType } from './column';

/** What a projection must know of an event type; the generated event types satisfy it. */
export interface ProjectedEvent {
  readonly type: string;
  readonly topic: string;
}

/** One row's declared columns. */
export type State = Readonly<Record<string, unknown>>;

/** How one event type changes the state of one key. Pure: no clock, no random, no I/O. */
export interface Fold {
  /** The key whose row the event changes; `undefined` takes the record's own key. */
  readonly key: ((payload: unknown) => string) | undefined;
  /** `null` is no row: the key begins again from the empty state. Only an entity's fold may give it. */
  readonly apply: (state: State, payload: unknown, metadata: EventMetadata) => State | null;
}

export interface ProjectionColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Only an aggregate's columns merge. */
  readonly merge: ColumnMerge | undefined;
}

export type Tombstones = 'delete' | 'ignore';

/**
 * What a projection is without its code, as plain JSON: enough to make its tables, to compare them, and to judge whether
 * a rebuild can be right.
 */
export interface ProjectionShape {
  readonly name: string;
  readonly version: number;
  readonly kind: 'entity' | 'aggregate';
  readonly topics: readonly string[];
  /** The key's column, in camel case like the others. */
  readonly keyName: string;
  readonly columns: readonly ProjectionColumn[];
  /** Each event carries all that its row shows, so that a compacted topic, which keeps a key's last, still gives it. */
  readonly latestWins: boolean;
  /**
   * What a record without a value does: it deletes the row of its key, or nothing. `undefined` where none is expected: one
   * that comes stops the partition.
   */
  readonly tombstones: Tombstones | undefined;
  /** Each becomes an index on these columns, with the key behind them. No part of the layout: an index changes no row. */
  readonly indexes: readonly (readonly string[])[];
  /** Columns that may be filtered and sorted by without an index, because the rows are few. The key always may. */
  readonly queryable: readonly string[];
  /** Event types that are folded. */
  readonly foldedTypes: readonly string[];
  /** Event types that are passed over on purpose. */
  readonly ignoredTypes: readonly string[];
}

/**
 * A checked projection: a pure fold with a name, a version and a declared key.
 * `entity`: one row a key, keyed by the record's key, so that the order of a key's events is the log's.
 * `aggregate`: one partial row for each (key, partition), written by the partition's owner alone and merged when
 * read, so that no row is shared and nothing deadlocks.
 */
export interface Projection extends ProjectionShape {
  /** The state of a key before its first event. */
  readonly empty: State;
  /** By event type. */
  readonly folds: ReadonlyMap<string, Fold>;
  readonly repeatsWithinOffsets: number;
  /** Of an entity: how much of a partition may wait behind events that cannot be folded, before it stands still. */
  readonly parking: FoldBounds;
  /** Which keys are folded; all of them where it is left out. Events of the others are passed over. */
  readonly only?: (key: string) => boolean;
  /** Values that are computed from a merged row when it is read, such as a share. */
  readonly derive: ((row: State) => Readonly<Record<string, unknown>>) | undefined;
}

/** The same without its code. */
export function shapeOf(projection: Projection): ProjectionShape {
  const { name, version, kind, topics, keyName, columns, latestWins, tombstones } = projection;
  const { indexes, queryable, foldedTypes, ignoredTypes } = projection;
  return {
    ...{ name, version, kind, topics, keyName, columns, latestWins, tombstones },
    ...{ indexes, queryable, foldedTypes, ignoredTypes },
  };
}
