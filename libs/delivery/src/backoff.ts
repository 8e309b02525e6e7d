export interface Backoff {
  /** The bound of the first wait. */
  readonly initialMs: number;
  /** The bound of every wait. */
  readonly maxMs: number;
}

/**
 * Full jitter: a wait drawn evenly from 0 to min(maxMs, initialMs * 2^failures), so that many who failed together
 * do not come back together. `failures` counts from 0; `random` is in [0, 1).
 */
export function fullJitterMs(failures: number, backoff: Backoff, random: () => number = Math.random): number {
  return random() * Math.min(backoff.maxMs, backoff.initialMs * 2 ** Math.min(failures, 40));
}
