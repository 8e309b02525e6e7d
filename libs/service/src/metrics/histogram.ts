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
