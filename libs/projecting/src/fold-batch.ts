import type { EventMetadata, Position } from '@millrace/event';
import { FoldError } from './errors';
import type { Projection, State } from './projection';
import { unstorable } from './unstorable';

/** A decoded event on its way into a fold. */
export interface EventToFold {
  readonly type: string;
  readonly payload: unknown;
  readonly metadata: EventMetadata;
}

/** A record without a value: it says that its key is gone, and nothing else. */
export interface TombstoneToFold extends Position {
  readonly key: string | null;
}

/** The rows that a run of records changed, by key, each with its final state; `null` is a row that is gone. */
export type FoldedRows = Map<string, State | null>;

/** A row in memory. */
export interface RowToFold {
  /** `null`, or undefined, is no row. */
  state: State | null | undefined;
}

/** A record with the key whose row it reads and writes. */
export interface KeyedRecord {
  readonly key: string;
  readonly record: EventToFold | TombstoneToFold;
}

/**
 * The records that change something, each with its key, so that their rows can be loaded at once.
 * @throws FoldError when a record has no key, is of a type that is neither folded nor ignored, or is a tombstone and the
 * projection does not declare what they do.
 */
export function withKeys(
  projection: Projection,
  records: readonly (EventToFold | TombstoneToFold)[],
): KeyedRecord[] {
  const keyed: KeyedRecord[] = [];
  for (const record of records) {
    const key = keyOf(projection, record);
    if (key !== undefined) keyed.push({ key, record });
  }
  return keyed;
}

/**
 * Folds records in order over the rows that were loaded, in memory; each key is written once, however many records
 * changed it. `loaded` holds the present state of every key that has one; it is not changed. A key whose row is gone, by
 * a fold or a tombstone, begins again from the empty state.
 * @throws FoldError naming the record, when a fold throws, or gives no state or one that cannot be a row.
 */
export function foldBatch(
  projection: Projection,
  loaded: ReadonlyMap<string, State>,
  records: readonly KeyedRecord[],
): FoldedRows {
  const rows = new Map<string, RowToFold>();
  const rowOf = ({ key }: KeyedRecord) => {
    const row = rows.get(key) ?? { state: loaded.get(key) };
    rows.set(key, row);
    return row;
  };
  foldOver(projection, records, records.map(rowOf));
  return new Map([...rows].map(([key, { state = null }]) => [key, state]));
}

/**
 * The same over rows that whoever calls has found: one for each record, and the same one for those of one key. What was folded
 * before a record that is refused stays there.
 */
export function foldOver(
  projection: Projection,
  records: readonly KeyedRecord[],
  rows: readonly RowToFold[],
): void {
  for (let index = 0; index < records.length; index++) {
    const keyed = records[index];
    const row = rows[index];
    if (keyed === undefined || row === undefined) throw new RangeError('a record has no row to fold it into');
    const { record } = keyed;
    row.state = isEvent(record) ? apply(projection, row.state ?? projection.empty, record) : null;
  }
}

function isEvent(record: EventToFold | TombstoneToFold): record is EventToFold {
  return 'metadata' in record;
}

function apply(projection: Projection, before: State, event: EventToFold): State | null {
  let after: State | null | undefined;
  try {
    after = projection.folds.get(event.type)?.apply(before, event.payload, event.metadata);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refusal(projection, event, `threw: ${reason}`, error);
  }
  if (after === undefined)
    throw refusal(projection, event, 'gave nothing. Give a state, or null to delete the row.');
  if (after === null && projection.kind === 'aggregate') {
    throw refusal(
      projection,
      event,
      'gave null: an aggregate cannot delete what other partitions hold a part of.',
    );
  }
  const problem = after === null ? undefined : unstorable(projection, before, after);
  if (problem !== undefined) throw refusal(projection, event, problem);
  return after;
}

function refusal(projection: Projection, event: EventToFold, what: string, cause?: unknown): FoldError {
  return new FoldError(projection.name, event.metadata, `its fold of ${event.type} ${what}`, cause);
}

function keyOfPayload(
  projection: Projection,
  event: EventToFold,
  keyOfEvent: (payload: unknown) => string,
): string {
  try {
    return keyOfEvent(event.payload);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FoldError(projection.name, event.metadata, `its key of ${event.type} threw: ${reason}`, error);
  }
}

/** The key that a record changes, or `undefined` when it is ignored, or its key is none of those that are folded. */
function keyOf(projection: Projection, record: EventToFold | TombstoneToFold): string | undefined {
  const key = anyKeyOf(projection, record);
  return key === undefined || projection.only?.(key) === false ? undefined : key;
}

function anyKeyOf(projection: Projection, record: EventToFold | TombstoneToFold): string | undefined {
  if (!isEvent(record)) return keyOfTombstone(projection, record);
  const fold = projection.folds.get(record.type);
  if (fold === undefined) {
    if (projection.ignoredTypes.includes(record.type)) return undefined;
    throw new FoldError(
      projection.name,
      record.metadata,
      `it neither folds nor ignores ${record.type}. Add a fold or list the type under ignores.`,
    );
  }
  return fold.key === undefined
    ? recordKey(projection, record.metadata)
    : keyOfPayload(projection, record, fold.key);
}

function keyOfTombstone(projection: Projection, tombstone: TombstoneToFold): string | undefined {
  if (projection.tombstones === 'ignore') return undefined;
  if (projection.tombstones === 'delete') return recordKey(projection, tombstone);
  throw new FoldError(
    projection.name,
    tombstone,
    "the record has no value, and it declares no tombstones. Declare tombstones: 'delete' or 'ignore', or find the " +
      'producer that deletes keys in this topic.',
  );
}

function recordKey(projection: Projection, record: TombstoneToFold): string {
  if (record.key === null)
    throw new FoldError(projection.name, record, 'the record has no key, and an entity needs one.');
  return record.key;
}
