/** What a histogram has counted, plain: it can be told from thread to thread. */
export interface HistogramCounts {
  /** Observations of each bucket alone; the last one has those above every bound. */
  readonly buckets: readonly number[];
  readonly sum: number;
}

/**
 * Counts observations by size, for a hot path: one costs a few comparisons and allocates nothing. The client library looks its
 * series up by its labels each time, which costs more than most handlers; docs/adr/0021-metrics.md has the figures.
 */
export class Histogram {
  /** Observations of each bucket alone; the last one has those above every bound. */
  private readonly counts: number[];
  private total = 0;

  /** @param bounds Upper bounds of the buckets, inclusive and rising. */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    counts[bucket] = (counts[bucket] as number) + 1;
    this.total += value;
  }

  /** Everything as it is now. */
  get counted(): HistogramCounts {
    return { buckets: [...this.counts], sum: this.total };
  }

  /** Adds what another histogram of the same bounds has counted. */
  add({ buckets, sum }: HistogramCounts): void {
    for (const [bucket, count] of buckets.entries()) this.counts[bucket] = (this.counts[bucket] ?? 0) + count;
    this.total += sum;
  }

  get sum(): number {
    return this.total;
  }

  get count(): number {
    return this.counts.reduce((sum, each) => sum + each, 0);
  }

  /** How many were at most each bound, as Prometheus counts; the last bound is `+Inf`. */
  cumulative(): { readonly le: string; readonly count: number }[] {
    let count = 0;
    return this.counts.map((each, index) => ({
      le: String(this.bounds[index] ?? '+Inf'),
      count: (count += each),
    }));
  }
}
