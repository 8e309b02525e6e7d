import type { IBreaker } from 'cockatiel';

/**
 * Opens a circuit after failures of `threshold` distinct records in a row. One record that fails over and over is
 * poisoned, and says nothing about the dependency, in quiet traffic too, where nothing else succeeds in between.
 *
 * cockatiel asks `failure` without saying whose it was, so a failure is noted first.
 */
export class DistinctFailures implements IBreaker {
  /** Part of cockatiel's contract. The state of a circuit is not carried over to another process. */
  state: unknown = undefined;
  private readonly identities = new Set<string>();

  constructor(private readonly threshold: number) {}

  note(identity: string): void {
    this.identities.add(identity);
  }

  clear(): void {
    this.identities.clear();
  }

  success(): void {
    this.clear();
  }

  failure(): boolean {
    return this.identities.size >= this.threshold;
  }
}
