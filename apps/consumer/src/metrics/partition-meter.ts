import type { PartitionObserver } from '@millrace/delivery';
import type { LogRecord } from '@millrace/event';
import { Histogram } from '@millrace/service';
import { FirstUndone } from './first-undone';
import { RecentRate } from './recent-rate';

/** In seconds, as OpenTelemetry advises for `messaging.process.duration`. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** What this process has counted in one partition of one group since it began; it never goes back. */
export class PartitionMeter implements PartitionObserver {
  consumedRecords = 0;
  retries = 0;
  parkings = 0;
  deadLetters = 0;
  /** Seconds of a handler's call, by how it ended. */
  readonly handled = { done: new Histogram(BOUNDS), failed: new Histogram(BOUNDS) };
  private readonly undone = new FirstUndone();
  private readonly rate = new RecentRate();

  constructor(private readonly nowMs: () => number = Date.now) {}

  received(records: readonly LogRecord[]): void {
    this.undone.received(records);
  }

  consumed(count: number, nextOffset: bigint): void {
    const nowMs = this.nowMs();
    this.consumedRecords += count;
    this.undone.consumed(nextOffset, nowMs);
    this.rate.count(count, nowMs);
  }

  processed(seconds: number, outcome: 'done' | 'failed'): void {
    this.handled[outcome].observe(seconds);
  }

  retried(): void {
    this.retries += 1;
  }

  parked(): void {
    this.parkings += 1;
  }

  dead(): void {
    this.deadLetters += 1;
  }

  /** Records a second over the last minute. */
  recordsPerSecond(): number {
    return this.rate.perSecond(this.nowMs());
  }

  /**
   * How long ago the first record that is not done was written, by its timestamp; 0 when none is left, `null` when it is
   * not known. A record dated in the future counts as 0.
   */
  lagSeconds(at: { readonly nextOffset: bigint; readonly logEnd: bigint }): number | null {
    if (at.nextOffset >= at.logEnd) return 0;
    const nowMs = this.nowMs();
    const timestampMs = this.undone.timestampMs(at.nextOffset, nowMs);
    return timestampMs === undefined ? null : Math.max(0, (nowMs - timestampMs) / 1_000);
  }
}
