/**
 * Listens to signals that many calls share: once for each signal, however many there are. An EventTarget looks through all its
 * listeners for each one that is added, so that a listener for each of some thousand events costs more than publishing them.
 */
export class AbortListeners {
  private readonly bySignal = new WeakMap<AbortSignal, Set<() => void>>();

  /** Calls `abort` when the signal aborts, which it has not yet; once. */
  add(signal: AbortSignal, abort: () => void): void {
    let listeners = this.bySignal.get(signal);
    if (listeners === undefined) {
      const all = new Set<() => void>();
      signal.addEventListener('abort', () => [...all].forEach((each) => each()), { once: true });
      this.bySignal.set(signal, all);
      listeners = all;
    }
    listeners.add(abort);
  }

  /** Forgets what `add` was given. */
  delete(signal: AbortSignal, abort: () => void): void {
    this.bySignal.get(signal)?.delete(abort);
  }
}
