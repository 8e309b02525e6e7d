/** Events per second, whole. Absent for a step that the run did not take. */
export interface Rates {
  /** Acknowledged while feeding. */
  readonly feed?: number;
  /** Folded by both projections, from the first one published until both include the last. */
  readonly fold?: number;
  readonly rebuild?: number;
}

/** What a run measured, as members of its closing JSON line. */
export interface Measured {
  readonly rates: Rates;
  /** See `peakMemoryMiB`. */
  readonly memoryMiB?: Readonly<Record<string, number>>;
}
