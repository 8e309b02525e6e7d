import { foldBatch, withKeys } from '@millrace/projecting';
import type { EventToFold, Projection, State } from '@millrace/projecting';
import { isDeepStrictEqual, types } from 'node:util';
import type { PlacedEvent } from './case';
import { copyValue } from './copy-value';
import { OutsideError } from './outside-world';
import type { OutsideWorld } from './outside-world';
import { Problem } from './problem';
import { findUnfitColumn, findUnfitKey, readBack } from './stored-state';
import { show } from './show-case';

/** The rows of a build, by key, as the database gives them back. */
export type Rows = ReadonlyMap<string, State>;

/** A fold that finds no row to keep leaves none. */
type Folded = ReadonlyMap<string, State | null>;

/**
 * Folds each event in a batch of its own, its row written and read again, and looks at everything that the fold does.
 * @throws Problem
 */
export function foldWatched(
  projection: Projection,
  events: readonly PlacedEvent[],
  outside: OutsideWorld,
): Rows {
  const rows = new Map<string, State>();
  for (const placed of events) {
    const event = placed.toFold();
    const [keyed] = watched(outside, `its key of ${event.type}`, () => withKeys(projection, [event]));
    if (keyed === undefined) continue;
    const { key } = keyed;
    const problem = findUnfitKey(key);
    if (problem !== undefined)
      throw new Problem('unfit-value', `its key of ${event.type} gives ${show(key)}: ${problem}`);
    const after = foldOne(projection, rows.get(key), { key, event }, outside);
    if (after === null) rows.delete(key);
    else rows.set(key, readBack(projection, after));
    if (!isDeepStrictEqual(event.payload, placed.toFold().payload))
      throw new Problem('changes-event', `its fold of ${event.type} changes the event that it is given`);
  }
  return rows;
}

function foldOne(
  projection: Projection,
  before: State | undefined,
  { key, event }: { readonly key: string; readonly event: EventToFold },
  outside: OutsideWorld,
): State | null {
  const given = copyValue(before ?? projection.empty);
  // Without its columns, so that values which do not fit them come back, to be shown.
  const own = { ...projection, empty: given, columns: [] };
  const subject = `its fold of ${event.type}`;
  const folded: Folded = watched(outside, subject, () => foldBatch(own, new Map(), [{ key, record: event }]));
  const after: unknown = folded.values().next().value;
  if (!isDeepStrictEqual(given, before ?? projection.empty))
    throw new Problem('changes-state', `${subject} changes the state that it is given`);
  checkState(projection, subject, after);
  return after;
}

function checkState(projection: Projection, subject: string, state: unknown): asserts state is State | null {
  if (state === null && projection.kind === 'entity') return;
  if (types.isPromise(state))
    throw new Problem('no-state', `${subject} gives a promise, and nothing waits for it`);
  if (typeof state !== 'object' || state === null)
    throw new Problem('no-state', `${subject} gives ${show(state)} instead of a state`);
  const unfit = findUnfitColumn(projection, state as State);
  if (unfit === undefined) return;
  const value = show((state as State)[unfit.name]);
  throw new Problem(
    'unfit-value',
    `${subject} gives ${unfit.name} = ${value}, and its column takes ${unfit.expected}`,
  );
}

/** Runs a part of the projection's code. @throws Problem when it throws, or reads from outside. */
export function watched<Result>(outside: OutsideWorld, subject: string, code: () => Result): Result {
  try {
    return outside.watch(code);
  } catch (error) {
    if (error instanceof OutsideError)
      throw new Problem('reads-outside', `${subject} reads ${error.message}`, error);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Problem('throws', `${subject} cannot run: ${reason}`, error);
  }
}

/** Folds batch by batch, as the projection service does: the rows are written and read again between them. */
export function foldInBatches(projection: Projection, batches: readonly (readonly PlacedEvent[])[]): Rows {
  const rows = new Map<string, State>();
  for (const batch of batches) {
    const keyed = withKeys(
      projection,
      batch.map((placed) => placed.toFold()),
    );
    const loaded = new Map<string, State>();
    for (const { key } of keyed) {
      const row = rows.get(key);
      if (row !== undefined) loaded.set(key, copyValue(row));
    }
    const folded: Folded = foldBatch({ ...projection, empty: copyValue(projection.empty) }, loaded, keyed);
    for (const [key, state] of folded) {
      if (state === null) rows.delete(key);
      else rows.set(key, readBack(projection, state));
    }
  }
  return rows;
}
