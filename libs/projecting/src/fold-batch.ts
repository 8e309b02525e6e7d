import type { EventMetadata } from '@millrace/event';
import { FoldError } from './errors';
import type { Projection, State } from './projection';

/** A decoded event on its way into a fold. */
export interface EventToFold {
  readonly type: string;
  readonly payload: unknown;
  readonly metadata: EventMetadata;
}

/** The rows that a run of events changed, by key, each with its final state. */
export type FoldedRows = Map<string, State>;

/**
 * The keys that a run of events will read and write, so that their rows can be loaded at once.
 * @throws FoldError when an event has no key, or is of a type that is neither folded nor ignored.
 */
export function keysOf(projection: Projection, events: readonly EventToFold[]): string[] {
  return events.flatMap((event) => keyOf(projection, event) ?? []);
}

/**
 * Folds events in order over the rows that were loaded, in memory; each key is written once, however many events
 * changed it. `loaded` holds the present state of every key that has one; it is not changed.
 * @throws FoldError naming the record, when a fold throws.
 */
export function foldBatch(
  projection: Projection,
  loaded: ReadonlyMap<string, State>,
  events: readonly EventToFold[],
): FoldedRows {
  const rows: FoldedRows = new Map();
  for (const event of events) {
    const key = keyOf(projection, event);
    const fold = projection.folds.get(event.type);
    if (key === undefined || fold === undefined) continue;
    const before = rows.get(key) ?? loaded.get(key) ?? projection.empty;
    try {
      rows.set(key, fold.apply(before, event.payload, event.metadata));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new FoldError(
        projection.name,
        event.metadata,
        `its fold of ${event.type} threw: ${reason}`,
        error,
      );
    }
  }
  return rows;
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

/** The key that an event changes, or `undefined` when its type is ignored. */
function keyOf(projection: Projection, event: EventToFold): string | undefined {
  const fold = projection.folds.get(event.type);
  if (fold === undefined) {
    if (projection.ignoredTypes.includes(event.type)) return undefined;
    throw new FoldError(
      projection.name,
      event.metadata,
      `it neither folds nor ignores ${event.type}. Add a fold or list the type under ignores.`,
    );
  }
  const key = fold.key === undefined ? event.metadata.key : keyOfPayload(projection, event, fold.key);
  if (key === null)
    throw new FoldError(projection.name, event.metadata, 'the record has no key, and an entity needs one.');
  return key;
}
