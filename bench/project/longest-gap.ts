/** The longest time between two things that happen again and again. */
export class LongestGap {
  private longest = 0;
  private last: number | undefined;

  /** It happened. `nowMs` never decreases. */
  note(nowMs: number): void {
    if (this.last !== undefined) this.longest = Math.max(this.longest, nowMs - this.last);
    this.last = nowMs;
  }

  /** So far; what has not happened since counts up to now. */
  ms(nowMs: number): number {
    return this.last === undefined ? 0 : Math.max(this.longest, nowMs - this.last);
  }
}
