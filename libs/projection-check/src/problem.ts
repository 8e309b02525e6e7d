/** What can be wrong with a projection's code. */
export type Fault =
  | 'reads-outside'
  | 'throws'
  | 'changes-state'
  | 'changes-event'
  | 'no-state'
  | 'unfit-value'
  | 'differs-when-run-again'
  | 'differs-in-batches'
  | 'empty-not-neutral'
  | 'differs-when-merged';

/** Thrown by a law that does not hold for one case, and caught by the search for the smallest. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly fault: Fault,
    /** What is wrong, a clause whose subject is the projection's part: `its fold of flights.FlightLanded throws`. */
    readonly finding: string,
    cause?: unknown,
  ) {
    super(finding, cause === undefined ? undefined : { cause });
  }
}
