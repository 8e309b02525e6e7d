import type { Logger } from '@millrace/contracts';
import type { Database } from '@millrace/postgres';
import { NotSetAsideError } from './errors';
import { describeOldestTransactions } from './oldest-transactions';
import { discardRefused, listRefused, readBacklog, retryRefused } from './outbox-backlog';
import type { Backlog, RefusedEvent } from './outbox-backlog';
import { Relay } from './relay';
import type { RelayOptions, RelayState } from './relay';

/** How it stands with the relay of this instance, beside what waits in the outbox. */
export interface OutboxReport extends Backlog {
  readonly state: RelayState;
  /** What it waits for, when it stands before a transaction that has appended and has not ended. */
  readonly heldBackBy?: readonly string[];
}

const LISTED_AT_MOST = 100;
/** A transaction that is shorter is nothing to speak of. */
const SPEAK_AFTER_MS = 1_000;

/** The relay of one outbox, with what health and operators ask of it. */
export class OutboxRelay {
  private readonly relay: Relay;
  private readonly database: Database;
  private readonly log: Logger;

  constructor(options: RelayOptions) {
    this.relay = new Relay(options);
    this.database = options.database;
    this.log = options.log;
  }

  start(): void {
    this.relay.start();
  }

  stopWithin(withinMs: number): void {
    this.relay.stopWithin(withinMs);
  }

  async close(): Promise<void> {
    await this.relay.close();
    await this.database.end();
  }

  /** Any instance tells of the outbox, and of itself. @throws the reason when the relay could not go on, or nothing can be read. */
  async report(): Promise<OutboxReport> {
    const { state, failure, blockedForMs = 0 } = this.relay;
    if (failure !== undefined) throw new Error(failure);
    const backlog = await readBacklog(this.database);
    if (blockedForMs < SPEAK_AFTER_MS) return { state, ...backlog };
    return { state, ...backlog, heldBackBy: await describeOldestTransactions(this.database) };
  }

  listRefused(): Promise<RefusedEvent[]> {
    return listRefused(this.database, LISTED_AT_MOST);
  }

  /** @throws NotSetAsideError */
  async retry(number: bigint): Promise<void> {
    if (!(await retryRefused(this.database, number))) throw new NotSetAsideError(String(number));
  }

  /** @throws NotSetAsideError */
  async discard(number: bigint): Promise<object> {
    const discarded = await discardRefused(this.database, number);
    if (discarded === undefined) throw new NotSetAsideError(String(number));
    this.log.warn(
      { ...discarded, number: String(number) },
      'an operator has discarded an event of the outbox',
    );
    return { number: String(number), ...discarded };
  }
}
