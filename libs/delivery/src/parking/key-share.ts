/** Keys set aside before it is counted which share of all keys they are. */
const UNCOUNTED = 20;
/** After so many keys the count begins anew. */
const KEYS_COUNTED = 10_000;

/**
 * Which share of the keys of a partition fails. While few fail nothing is counted, since to remember keys costs something for
 * each record; from the 20th on it remembers the keys that it meets, until it has met 10,000.
 */
export class KeyShare {
  private uncounted = 0;
  private keys: Set<string> | undefined;
  private failed = 0;

  get isCounting(): boolean {
    return this.keys !== undefined;
  }

  met(key: string): void {
    this.keys?.add(key);
    if (this.keys !== undefined && this.keys.size >= KEYS_COUNTED) this.reset();
  }

  setAside(key: string): void {
    if (this.keys === undefined) {
      this.uncounted += 1;
      if (this.uncounted >= UNCOUNTED) this.keys = new Set();
      return;
    }
    this.failed += 1;
    this.met(key);
  }

  /** What was counted, when the failed are as many as the uncounted ones were, and more than the share of all. */
  exceeded(share: number): { readonly failed: number; readonly met: number } | undefined {
    if (this.keys === undefined || this.failed < UNCOUNTED) return undefined;
    const met = this.keys.size;
    return this.failed > share * met ? { failed: this.failed, met } : undefined;
  }

  private reset(): void {
    this.keys = undefined;
    this.uncounted = 0;
    this.failed = 0;
  }
}
