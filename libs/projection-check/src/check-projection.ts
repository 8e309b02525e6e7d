import type { EventToPublish } from '@millrace/client';
import type { Projection } from '@millrace/projecting';
import * as fc from 'fast-check';
import { anyCase, eventsOf, streamsOf, wholeCase } from './case';
import type { Case, PlacedEvent } from './case';
import { MissingSamplesError, UnfitProjectionError } from './errors';
import { holdLaws } from './laws';
import type { Trial } from './laws';
import { OutsideWorld } from './outside-world';
import { Problem } from './problem';

export interface CheckOptions {
  /** How many logs are made of the samples. Default 100. */
  readonly runs?: number;
  /** Another seed makes other logs; the same seed makes the same. Default 1. */
  readonly seed?: number;
}

/**
 * Checks that a projection's rows are a function of the log: that its folds, keys and `derive` read nothing but their arguments,
 * change none of them, give what the columns can hold, and give the same again, however the log is cut into batches; and
 * of an aggregate that its merged rows do not depend on which partitions the events lie in.
 *
 * Makes logs out of the samples: for each record key its first events in the given order, the keys in any order against each other.
 * Tens of samples are enough; each folded type needs one. Blocks until it is done, and needs no servers. While it runs, the
 * functions that lead out of a fold are replaced in the whole process: see `OutsideWorld`, and what it cannot see.
 * @throws UnfitProjectionError with the smallest case; MissingSamplesError.
 */
export function checkProjection(
  projection: Projection,
  samples: readonly EventToPublish[],
  { runs = 100, seed = 1 }: CheckOptions = {},
): void {
  const missing = projection.foldedTypes.filter((folded) =>
    samples.every(({ type }) => type.type !== folded),
  );
  if (missing.length > 0) throw new MissingSamplesError(projection.name, missing);
  const streams = streamsOf(samples);
  const outside = new OutsideWorld();
  const trialOf = (theCase: Case) => ({ projection, theCase, events: eventsOf(theCase, streams), outside });
  outside.open();
  try {
    const property = fc.property(anyCase(streams), (theCase) => holdLaws(trialOf(theCase)));
    const examples: [Case][] = [[wholeCase(samples, streams)]];
    const { errorInstance, counterexample } = fc.check(property, { numRuns: runs, seed, examples });
    const [found] = counterexample ?? [];
    if (found === undefined) return;
    if (!(errorInstance instanceof Problem)) throw errorInstance;
    const { problem, events } = leaveOut(trialOf(found), errorInstance);
    throw new UnfitProjectionError(
      projection.name,
      problem,
      events.map(({ sample }) => sample),
    );
  } finally {
    outside.close();
  }
}

interface Smaller {
  readonly problem: Problem;
  readonly events: readonly PlacedEvent[];
}

/** Leaves out what the problem does not need, also from the beginning of a key, where a log would have had it. */
function leaveOut(trial: Trial, problem: Problem): Smaller {
  for (const out of trial.events) {
    const fewer = { ...trial, events: trial.events.filter((event) => event !== out) };
    const same = findProblem(fewer);
    if (same?.fault === problem.fault) return leaveOut(fewer, same);
  }
  return { problem, events: trial.events };
}

function findProblem(trial: Trial): Problem | undefined {
  try {
    holdLaws(trial);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
