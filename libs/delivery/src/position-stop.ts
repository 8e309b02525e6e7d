import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRecord, TopicPartition } from '@millrace/event';
import type { PositionLedger } from './position-ledger';

/** How often a reader that has reached its stop looks whether it was raised. */
const POLL_MS = 100;

/**
 * The stop in the stored row of one reader in one partition: a bound that no commit passes. It is known as it was last seen, and
 * asked for again when it is in the way; one that was set meanwhile shows at the next commit.
 */
export class PositionStop<Transaction> {
  private known: bigint | undefined;

  constructor(
    private readonly at: TopicPartition,
    private readonly ledger: Pick<PositionLedger<Transaction>, 'read'>,
  ) {}

  /** As it was last seen; undefined when there is none. */
  get offset(): bigint | undefined {
    return this.known;
  }

  /** It was seen, or found to be gone. */
  note(offset: bigint | undefined): void {
    this.known = offset;
  }

  /** Of records in order, those that lie before it. */
  async before(records: readonly LogRecord[]): Promise<readonly LogRecord[]> {
    const last = records.at(-1);
    if (this.known === undefined || last === undefined || last.offset < this.known) return records;
    const stopAt = (await this.ledger.read(this.at))?.stopAt;
    this.known = stopAt;
    return stopAt === undefined ? records : records.filter(({ offset }) => offset < stopAt);
  }

  /**
   * Resolves once the record at an offset lies before it, or the signal aborts; never rejects. Asks the store instead of the log,
   * where the same records would be fetched again each time.
   */
  async raisedAbove(offset: bigint, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.known !== undefined && this.known <= offset) {
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
      // While the store is away nothing can go on: asked again.
      const stored = await this.ledger.read(this.at).catch(() => ({ stopAt: this.known }));
      this.known = stored?.stopAt;
    }
  }
}
