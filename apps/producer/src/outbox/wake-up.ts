/** Lets one side wait for a while, and another side end that early. */
export class WakeUp {
  private isCalled = false;
  private wake: (() => void) | undefined;

  /** Ends the wait under way, or the next one. */
  call(): void {
    this.isCalled = true;
    this.wake?.();
  }

  /** From here on a call counts for the next wait. */
  reset(): void {
    this.isCalled = false;
  }

  /**
   * Resolves at the next call, after this time, or when the signal aborts, and at once when there was a call since `reset`.
   * True when there was one.
   */
  async wait(forMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.isCalled || signal.aborted) return this.isCalled;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    const timer = setTimeout(wake, forMs);
    signal.addEventListener('abort', wake, { once: true });
    this.wake = wake;
    await promise;
    this.wake = undefined;
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
    return this.isCalled;
  }
}
