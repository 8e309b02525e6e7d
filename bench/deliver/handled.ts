import type { Measured } from '../figure';
import { percentile } from '../statistics';

/** Which of the records that a process handles are measured. */
export interface Counting {
  /** The first so many warm the process up. With none, counting begins when the `Handled` is made. */
  readonly warmUp: number;
  /** Those after them are measured. */
  readonly counted: number;
}

/** So many that are counted, after half as many that warm the process up. */
export function countingOf(counted: number): Counting {
  return { warmUp: Math.ceil(counted / 2), counted };
}

/**
 * Counts the records that a process handles: the rate from the last one of the warm-up to the last one that is counted, and the
 * processor time of the process meanwhile. What comes after them is not looked at.
 */
export class Handled {
  private count = 0;
  // Without a warm-up it begins here.
  private startedAtMs = performance.now();
  private startedCpu = process.cpuUsage();
  private readonly waitedMs: number[] = [];
  private result: Measured | undefined;
  private readonly done = Promise.withResolvers<Measured>();

  constructor(private readonly counting: Counting) {}

  /** One more. `waitedMs`: how long it took to get here, where that is what is measured. */
  one(waitedMs?: number): void {
    const { warmUp, counted } = this.counting;
    this.count += 1;
    if (waitedMs !== undefined && this.count > warmUp) this.waitedMs.push(waitedMs);
    if (this.count === warmUp) {
      this.startedAtMs = performance.now();
      this.startedCpu = process.cpuUsage();
    } else if (this.count === warmUp + counted) {
      this.result = this.measure();
      this.done.resolve(this.result);
    }
  }

  /** Whether what comes next is counted. */
  get isWarm(): boolean {
    return this.count >= this.counting.warmUp;
  }

  /** Undefined until all are handled. */
  get measured(): Measured | undefined {
    return this.result;
  }

  /** Resolves once all are handled. */
  whole(): Promise<Measured> {
    return this.done.promise;
  }

  private measure(): Measured {
    const { counted } = this.counting;
    const { user, system } = process.cpuUsage(this.startedCpu);
    return {
      rate: counted / ((performance.now() - this.startedAtMs) / 1_000),
      cpu: (user + system) / counted,
      ...(this.waitedMs.length === 0
        ? {}
        : { p50: percentile(this.waitedMs, 50), p99: percentile(this.waitedMs, 99) }),
    };
  }
}
