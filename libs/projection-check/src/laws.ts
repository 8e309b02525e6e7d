import { mergeStates } from '@millrace/projecting';
import type { Projection, State } from '@millrace/projecting';
import { isDeepStrictEqual } from 'node:util';
import { batchesOf } from './case';
import type { Case, PlacedEvent } from './case';
import { copyValue } from './copy-value';
import { findDifference } from './difference';
import { foldInBatches, foldWatched, watched } from './fold-rows';
import type { Rows } from './fold-rows';
import type { OutsideWorld } from './outside-world';
import { Problem } from './problem';

/** What the laws are held against: one log, and how it is read. */
export interface Trial {
  readonly projection: Projection;
  readonly theCase: Case;
  readonly events: readonly PlacedEvent[];
  readonly outside: OutsideWorld;
}

/** Holds every law against one case. @throws Problem of the first that does not hold. */
export function holdLaws(trial: Trial): void {
  const { projection, events, outside } = trial;
  const rows = foldWatched(projection, events, outside);
  letClockMove();
  holdAgain(trial, rows);
  holdInBatches(trial, rows);
  if (projection.kind === 'aggregate') holdWhenMerged(trial, rows);
  holdDerived(trial, rows);
}

/** So that a fold that reads a clock which is not watched reads another time when it runs again. At most a few ms. */
function letClockMove(): void {
  const before = Date.now();
  // A clock that a test holds still never moves.
  for (let looks = 0; looks < 200_000 && Date.now() === before; looks++);
}

function holdAgain({ projection, events, outside }: Trial, rows: Rows): void {
  const found = findDifference(projection, rows, foldWatched(projection, events, outside));
  if (found !== undefined)
    throw new Problem(
      'differs-when-run-again',
      `it gives something else when the same events are folded again: first ${found.expected}, then ${found.got}`,
    );
}

function holdInBatches({ projection, theCase, events }: Trial, rows: Rows): void {
  const batches = batchesOf(theCase, events);
  const found = findDifference(projection, rows, foldInBatches(projection, batches));
  if (found !== undefined)
    throw new Problem(
      'differs-in-batches',
      `its rows depend on how the log is cut into batches: one by one ${found.expected}, ` +
        `in batches of ${batches.map(({ length }) => length).join(', ')} ${found.got}`,
    );
}

function holdWhenMerged({ projection, events }: Trial, rows: Rows): void {
  const { empty } = projection;
  const merge = (a: State, b: State) => mergeStates(projection, a, b);
  for (const [key, state] of rows) {
    const merged = new Map([[key, merge(copyValue(empty), state)]]);
    const found = findDifference(projection, new Map([[key, state]]), merged, 'rounded');
    if (found !== undefined)
      throw new Problem(
        'empty-not-neutral',
        `its empty state is not neutral: before the merge with it ${found.expected}, after it ${found.got}`,
      );
  }
  const lanes = Map.groupBy(events, ({ lane }) => lane);
  const partials = [...lanes.values()].map((lane) =>
    foldInBatches(
      projection,
      lane.map((event) => [event]),
    ),
  );
  for (const order of [partials, partials.toReversed()]) {
    const found = findDifference(projection, rows, mergeRows(order, merge), 'rounded');
    if (found !== undefined)
      throw new Problem(
        'differs-when-merged',
        `its rows depend on which partitions the events lie in: in one ${found.expected}, merged from ${lanes.size} ${found.got}`,
      );
  }
}

function mergeRows(partials: readonly Rows[], merge: (a: State, b: State) => State): Rows {
  const merged = new Map<string, State>();
  for (const [key, state] of partials.flatMap((rows) => [...rows])) {
    const present = merged.get(key);
    merged.set(key, present === undefined ? state : merge(present, state));
  }
  return merged;
}

function holdDerived({ projection, outside }: Trial, rows: Rows): void {
  const { derive } = projection;
  if (derive === undefined) return;
  for (const [key, state] of rows) {
    const given = copyValue(state);
    const first = watched(outside, 'its derive', () => derive(given));
    if (!isDeepStrictEqual(given, state))
      throw new Problem('changes-state', 'its derive changes the row that it is given');
    const again = watched(outside, 'its derive', () => derive(copyValue(state)));
    if (!isDeepStrictEqual(first, again))
      throw new Problem(
        'differs-when-run-again',
        `its derive gives something else the second time for ${key}`,
      );
  }
}
