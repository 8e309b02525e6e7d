import { setTimeout as sleep } from 'node:timers/promises';
import { FlightLanded, MillraceError } from '@millrace/contracts';
import { Outbox } from '@millrace/outbox';
import { openDatabase } from '@millrace/postgres';
import type { Database, DatabaseTransaction } from '@millrace/postgres';
import type { Outcome } from '../attempt';
import { SeededChoices } from '../seeded-choices';
import { silentLogger } from '../../silent-logger';
import { dataOf, LEDGER_SOURCE, traceOf } from './event-body';
import type { NumberedEvent } from './producer-ways';
import { readFailure } from './read-outcome';

export interface OutboxWayOptions {
  /** The database that the outbox is in. */
  readonly databaseUrl: string;
  readonly seed: number;
  /** After so long without an answer a transaction is given up. */
  readonly timeoutMs: number;
}

const POOL_SIZE = 20;
/** Transactions that are rolled back after they have appended, and that are left open for a while before they commit. */
const ROLLED_BACK = 0.1;
const LEFT_OPEN = 0.2;
const OPEN_MS = [20, 600] as const;

/**
 * The way into the log through an outbox: each event in a transaction of its own. Some of them are rolled back, and some stay
 * open, so that others draw later numbers and commit before them.
 */
export class OutboxWay {
  private readonly database: Database;
  private readonly choices: SeededChoices;
  private readonly outbox = new Outbox({ source: LEDGER_SOURCE });

  constructor(private readonly options: OutboxWayOptions) {
    const { databaseUrl: url, seed } = options;
    this.database = openDatabase({ url, applicationName: 'ledger', poolSize: POOL_SIZE, log: silentLogger });
    this.choices = SeededChoices.for(seed, 'outbox');
  }

  /** One after the other. Acknowledged is what was committed. Never rejects. */
  async send(events: readonly NumberedEvent[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const event of events) outcomes.push(await this.transact(event));
    return outcomes;
  }

  async close(): Promise<void> {
    await this.database.end();
  }

  private async transact(event: NumberedEvent): Promise<Outcome> {
    const isRolledBack = this.choices.happens(ROLLED_BACK);
    const openMs = this.choices.happens(LEFT_OPEN) ? this.choices.between(...OPEN_MS) : 0;
    let tx: DatabaseTransaction | undefined;
    let lost: Error | undefined;
    let isCommitting = false;
    const onError = (error: Error): void => void (lost ??= error);
    try {
      tx = await this.database.connect();
      tx.on('error', onError);
      await this.inTime(tx.query('BEGIN'));
      await this.inTime(this.append(tx, event));
      await sleep(openMs);
      isCommitting = !isRolledBack;
      const { command } = await this.inTime(tx.query(isRolledBack ? 'ROLLBACK' : 'COMMIT'));
      if (command === 'COMMIT') return { outcome: 'acknowledged', position: undefined };
      return { outcome: 'refused', status: 503, type: 'rolled-back' };
    } catch (error) {
      lost ??= error as Error;
      if (error instanceof MillraceError) return { outcome: 'refused', status: 422, type: error.code };
      // Nothing commits that was not told to.
      return isCommitting ? readFailure(error) : { outcome: 'refused', status: 503, type: 'not-committed' };
    } finally {
      tx?.off('error', onError);
      tx?.release(lost);
    }
  }

  private async append(tx: DatabaseTransaction, { n, event }: NumberedEvent): Promise<void> {
    const options = { id: event.id, traceparent: traceOf(n) };
    await this.outbox.append(tx, FlightLanded, dataOf(event) as FlightLanded, options);
  }

  private async inTime<Result>(work: Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const { timeoutMs } = this.options;
    const timer = setTimeout(() => late.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    work.catch(() => undefined);
    return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
  }
}
