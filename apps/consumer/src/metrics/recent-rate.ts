const WINDOW_S = 60;

/** How many a second, over the last minute or since the first one was counted. With the caller's clock. */
export class RecentRate {
  private readonly seconds: { readonly second: number; count: number }[] = [];
  private since: number | undefined;

  count(count: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    this.since ??= second;
    const last = this.seconds.at(-1);
    if (last?.second === second) last.count += count;
    else this.seconds.push({ second, count });
    this.forgetBefore(second - WINDOW_S);
  }

  perSecond(nowMs: number): number {
    const now = nowMs / 1_000;
    this.forgetBefore(Math.floor(now) - WINDOW_S);
    const total = this.seconds.reduce((sum, { count }) => sum + count, 0);
    const span = Math.min(WINDOW_S, now - (this.since ?? now));
    return total / Math.max(1, span);
  }

  private forgetBefore(second: number): void {
    while (this.seconds[0] !== undefined && this.seconds[0].second <= second) this.seconds.shift();
  }
}
