import type { EventType } from '@millrace/contracts';
import { DEFAULT_FOLD_BOUNDS, problemsOfFoldBounds } from '@millrace/delivery';
import type { FoldBounds } from '@millrace/delivery';
import type { EventMetadata } from '@millrace/event';
import { mergeProblem } from './column';
import { InvalidProjectionError } from './errors';
import { queryProblems } from './query-problems';
import type { AggregateColumns, AggregateState, EntityColumns, EntityState } from './column';
import type { Fold, ProjectedEvent, Projection, ProjectionColumn, State, Tombstones } from './projection';

/** One entry of `folds`: how one event type changes a state. Made by the `fold` that a definition is given. */
export interface EventFold<S> {
  readonly event: ProjectedEvent;
  readonly key: ((payload: never) => string) | undefined;
  readonly apply: (state: S, payload: never, metadata: EventMetadata) => S | null;
}

interface Definition {
  readonly name: string;
  /** Rises whenever the folds or the columns change; a new version is rebuilt from the log. */
  readonly version: number;
  /** The name of the key's column. */
  readonly key: string;
  /** Event types of the same topics that are passed over on purpose. */
  readonly ignores?: readonly ProjectedEvent[];
  /** An event whose identity lies at most so many offsets before it is a repeat. Default 20,000. */
  readonly repeatsWithinOffsets?: number;
  readonly tombstones?: Tombstones;
  readonly indexes?: readonly (readonly string[])[];
  readonly queryable?: readonly string[];
  readonly parking?: Partial<FoldBounds>;
}

export interface EntityDefinition<Columns extends EntityColumns> extends Definition {
  readonly columns: Columns;
  /**
   * Indexes beyond the key's, each by its columns in order, so that rows can be filtered and sorted by them. A changed set
   * needs no new version: it is made beside the readers.
   */
  readonly indexes?: readonly (readonly (keyof NoInfer<Columns> & string)[])[];
  /** Columns that may be filtered and sorted by without an index: for read models of few rows. */
  readonly queryable?: readonly (keyof NoInfer<Columns> & string)[];
  /**
   * Says that each event carries all that its row shows. Only such a projection can be folded from a compacted topic,
   * where events that a later one of their key superseded are gone. Default false.
   */
  readonly latestWins?: boolean;
  /**
   * How much of one partition may wait because an event cannot be folded: at most so many keys, records behind them and bytes
   * of these; then the partition stands still. Default 1,000 keys, 10,000 records, 64 MiB. It may change within a version.
   */
  readonly parking?: Partial<FoldBounds>;
  /**
   * What a record without a value does: `delete` the row of its key, or `ignore`, nothing. Left out where none is expected:
   * one that comes stops its partition. A compacted topic needs `delete`.
   */
  readonly tombstones?: Tombstones;
  readonly folds: (
    fold: <Payload>(
      event: EventType<Payload>,
      /** `null` deletes the row; the next event of the key begins again with nothing set. */
      apply: (
        state: EntityState<Columns>,
        payload: Payload,
        metadata: EventMetadata,
      ) => EntityState<Columns> | null,
    ) => EventFold<EntityState<Columns>>,
  ) => readonly EventFold<EntityState<Columns>>[];
}

export interface AggregateDefinition<Columns extends AggregateColumns> extends Definition {
  readonly columns: Columns;
  /** Columns that may be filtered and sorted by. All partial rows are merged for it, so an index would be of no use. */
  readonly queryable?: readonly (keyof NoInfer<Columns> & string)[];
  readonly empty: AggregateState<Columns>;
  /** A record without a value does nothing. Left out where none is expected: one that comes stops its partition. */
  readonly tombstones?: 'ignore';
  readonly folds: (
    fold: <Payload>(
      event: EventType<Payload>,
      key: (payload: Payload) => string,
      apply: (
        state: AggregateState<Columns>,
        payload: Payload,
        metadata: EventMetadata,
      ) => AggregateState<Columns>,
    ) => EventFold<AggregateState<Columns>>,
  ) => readonly EventFold<AggregateState<Columns>>[];
  /** Values computed from the merged row when it is read. */
  readonly derive?: (row: AggregateState<Columns>) => Readonly<Record<string, unknown>>;
}

/**
 * A read model with one row a key, keyed by the record's key; every column is `null` until an event sets it.
 * @throws InvalidProjectionError with every problem at once.
 */
export function defineEntity<const Columns extends EntityColumns>(
  definition: EntityDefinition<Columns>,
): Projection {
  const columns = Object.entries(definition.columns).map(([name, type]) => ({
    name,
    type,
    merge: undefined,
  }));
  const folds = definition.folds((event, apply) => ({ event, key: undefined, apply }));
  const empty = Object.fromEntries(columns.map(({ name }) => [name, null]));
  const { latestWins = false } = definition;
  return checked(definition, { kind: 'entity', columns, folds, empty, latestWins, derive: undefined });
}

/**
 * A read model that sums up many events under a key of its own choosing. It cannot see the order of events under
 * that key, so each column must merge associatively and commutatively.
 * @throws InvalidProjectionError with every problem at once.
 */
export function defineAggregate<const Columns extends AggregateColumns>(
  definition: AggregateDefinition<Columns>,
): Projection {
  const columns = Object.entries(definition.columns).map(([name, { type, merge }]) => ({
    name,
    type,
    merge,
  }));
  const folds = definition.folds((event, key, apply) => ({ event, key, apply }));
  const derive = definition.derive as Projection['derive'];
  const { empty } = definition;
  return checked(definition, { kind: 'aggregate', columns, folds, empty, latestWins: false, derive });
}

interface Parts {
  readonly kind: Projection['kind'];
  readonly columns: readonly ProjectionColumn[];
  /** Typed by their definition; from here on a fold is found by its event's type. */
  readonly folds: readonly {
    readonly event: ProjectedEvent;
    readonly key: unknown;
    readonly apply: unknown;
  }[];
  readonly empty: State;
  readonly latestWins: boolean;
  readonly derive: Projection['derive'];
}

const IDENTIFIER = /^[a-z][A-Za-z0-9]{0,40}$/;
/** An aggregate's partial rows carry where they come from, and an entity keeps the names free, to become one. Its view says what is parked. */
const PLATFORM_COLUMNS = new Set(['sourceTopic', 'sourcePartition', 'millraceParkedAt']);

const TOMBSTONES: ReadonlySet<string> = new Set(['delete', 'ignore']);

function checked(definition: Definition, parts: Parts): Projection {
  const {
    name,
    version,
    key,
    ignores = [],
    tombstones,
    indexes = [],
    queryable = [],
    parking = {},
  } = definition;
  const events = parts.folds.map(({ event }) => event);
  const problems: string[] = [];
  if (!IDENTIFIER.test(name)) problems.push(`its name must match ${IDENTIFIER.source}`);
  if (!Number.isInteger(version) || version < 1) problems.push('its version must be a whole number from 1');
  for (const column of [key, ...parts.columns.map((each) => each.name)]) {
    if (!IDENTIFIER.test(column)) problems.push(`column ${column} must match ${IDENTIFIER.source}`);
  }
  for (const column of [key, ...parts.columns.map((each) => each.name)]) {
    if (PLATFORM_COLUMNS.has(column)) problems.push(`${column} is a column of the platform`);
  }
  if (parts.columns.some((column) => column.name === key))
    problems.push(`${key} is both its key and a column`);
  for (const { name: column, type, merge } of parts.columns) {
    const problem = mergeProblem(type, merge);
    if (problem !== undefined) problems.push(`column ${column} of type ${type} ${problem}`);
  }
  if (tombstones !== undefined && !TOMBSTONES.has(tombstones)) {
    problems.push("its tombstones must be 'delete' or 'ignore'");
  }
  if (tombstones === 'delete' && parts.kind === 'aggregate') {
    problems.push('an aggregate cannot delete by tombstones: other partitions hold a part of the row');
  }
  problems.push(...queryProblems(parts, { indexes, queryable }));
  problems.push(...problemsOfFoldBounds(parking));
  if (events.length === 0) problems.push('it folds no event type');
  const repeated = events.filter(
    (event, index) => events.findIndex(({ type }) => type === event.type) !== index,
  );
  for (const event of repeated) problems.push(`it folds ${event.type} twice`);
  const both = events.filter(({ type }) => ignores.some((ignored) => ignored.type === type));
  for (const type of new Set(both.map((event) => event.type)))
    problems.push(`it both folds and ignores ${type}`);
  if (parts.kind === 'entity' && new Set(events.map(({ topic }) => topic)).size > 1) {
    problems.push('an entity folds one topic: events of several topics have no order among each other');
  }
  if (problems.length > 0) throw new InvalidProjectionError(name, problems);
  return {
    name,
    version,
    kind: parts.kind,
    topics: [...new Set(events.map(({ topic }) => topic))],
    keyName: key,
    columns: parts.columns,
    empty: parts.empty,
    folds: new Map(
      parts.folds.map((each) => [each.event.type, { key: each.key, apply: each.apply } as Fold]),
    ),
    latestWins: parts.latestWins,
    tombstones,
    indexes,
    queryable,
    foldedTypes: events.map(({ type }) => type),
    ignoredTypes: ignores.map(({ type }) => type),
    repeatsWithinOffsets: definition.repeatsWithinOffsets ?? 20_000,
    parking: { ...DEFAULT_FOLD_BOUNDS, ...parking },
    derive: parts.derive,
  };
}
