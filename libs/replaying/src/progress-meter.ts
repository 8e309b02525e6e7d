interface Sample {
  readonly done: bigint;
  readonly atMs: number;
}

/** How fast it goes and how long it will take; `null` while nobody can say. */
export interface ProgressEstimate {
  readonly eventsPerSecond: number | null;
  readonly secondsLeft: number | null;
}

const WINDOW_MS = 10_000;
/** Two samples closer than this tell more about the clock than about the work. */
const SHORTEST_SPAN_MS = 1_000;

/**
 * The rate over the last ten seconds, from samples of a counter, with the caller's clock. Sample it about once a
 * second. A count that goes back, because work was lost and is done again, begins a new measurement; so does a
 * clock that goes back.
 */
export class ProgressMeter {
  private samples: Sample[] = [];

  sample(done: bigint, atMs: number): void {
    const last = this.samples.at(-1);
    if (last !== undefined && (done < last.done || atMs < last.atMs)) this.restart();
    this.samples.push({ done, atMs });
    this.forgetBefore(atMs - WINDOW_MS);
  }

  /** Forgets everything: after a pause the time that stood still must not count as slow work. */
  restart(): void {
    this.samples = [];
  }

  /**
   * `eventsPerSecond` is rounded to a whole number, `secondsLeft` up to one. Both are `null` until the samples span a
   * second; `secondsLeft` also while nothing moves, and it is 0 when nothing remains.
   */
  estimate(remaining: bigint, nowMs: number): ProgressEstimate {
    this.forgetBefore(nowMs - WINDOW_MS);
    const rate = this.rate();
    const eventsPerSecond = rate === null ? null : Math.round(rate);
    if (remaining <= 0n) return { eventsPerSecond, secondsLeft: 0 };
    if (rate === null || rate === 0) return { eventsPerSecond, secondsLeft: null };
    return { eventsPerSecond, secondsLeft: Math.ceil(Number(remaining) / rate) };
  }

  private rate(): number | null {
    const [first] = this.samples;
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined) return null;
    const spanMs = last.atMs - first.atMs;
    if (spanMs < SHORTEST_SPAN_MS) return null;
    return (Number(last.done - first.done) * 1_000) / spanMs;
  }

  private forgetBefore(atMs: number): void {
    const kept = this.samples.findIndex((sample) => sample.atMs >= atMs);
    if (kept > 0) this.samples.splice(0, kept);
    if (kept === -1) this.restart();
  }
}
