import type { EventToPublish } from '@millrace/client';
import { MillraceError } from '@millrace/contracts';
import type { Fault, Problem } from './problem';
import { showCheck } from './show-case';

const REMEDIES: Readonly<Record<Fault, string>> = {
  'reads-outside':
    'A rebuild runs it years later on another machine. Take it from the event: its payload, or the time in its metadata.',
  throws:
    'Such an event stands still in front of it. Fold it, or take it out of the samples if it cannot be in the log.',
  'changes-state': 'Give a new object instead: { ...state, column: value }.',
  'changes-event': 'Give a new object instead: the same event may be folded again.',
  'no-state': 'A fold gives the next state at once, as a plain object.',
  'unfit-value': 'Choose another column type, or give another value.',
  'differs-when-run-again':
    'A fold may use its arguments alone: look for a variable outside of it, a clock or random numbers.',
  'differs-in-batches':
    'Between batches a row keeps its columns alone: look for a member that is no column, or a variable outside of the fold.',
  'empty-not-neutral':
    'Every partition starts from it: use 0 for sum, the least value for max, the greatest for min.',
  'differs-when-merged':
    'Partitions have no order among each other. Keep what needs none: counts, sums, the least, the greatest. Or make it an entity.',
};

/** A projection whose rows are no function of the log. The message ends with the smallest case that was found, as code. */
export class UnfitProjectionError extends MillraceError {
  override readonly name = 'UnfitProjectionError';
  override readonly code = 'UNFIT_PROJECTION';
  override readonly retriable = false;

  constructor(
    projection: string,
    { fault, finding, cause }: Problem,
    /** The events of the smallest case. */
    readonly events: readonly EventToPublish[],
  ) {
    super(
      `Projection ${projection} cannot be trusted: ${finding}. ${REMEDIES[fault]}\n\n` +
        `The smallest case, to run as it is:\n\n${showCheck(events)}\n`,
      { context: { projection, fault }, cause },
    );
  }
}

/** Events that show nothing of a part of the projection. */
export class MissingSamplesError extends MillraceError {
  override readonly name = 'MissingSamplesError';
  override readonly code = 'MISSING_SAMPLES';
  override readonly retriable = false;

  constructor(projection: string, types: readonly string[]) {
    super(
      `The samples for projection ${projection} have no event of ${types.join(', ')}. Give at least one of each type that it folds.`,
      { context: { projection, types } },
    );
  }
}
