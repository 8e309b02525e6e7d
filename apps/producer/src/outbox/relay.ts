import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import { fullJitterMs } from '@millrace/delivery';
import { ExclusiveSession } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import type { WritePath } from '../write-path';
import type { RowRules } from './outbox-row';
import { OutboxStore } from './outbox-store';
import { answeringWithin } from './answering';
import { RelayTurn } from './relay-turn';
import { WakeUp } from './wake-up';

export interface RelayOptions {
  /** The service's database; the relay keeps one connection of it for as long as it has its turn. */
  readonly database: Database;
  /** A way into the log of the relay's own, whose writer has no deadline: nobody waits for an answer. */
  readonly writePath: WritePath;
  readonly rules: RowRules;
  readonly pollIntervalMs: number;
  readonly partitionRows: number;
  readonly log: Logger;
}

export type RelayState = 'waiting-for-schemas' | 'standby' | 'relaying' | 'stopped';

const LOCK = 'millrace/outbox/relay';
/** How often an instance that has no turn looks whether it is its turn. */
const STANDBY_MS = 1_000;
const RETRY = { initialMs: 200, maxMs: 5_000 };
/** A relay that is suspended or cut off loses its turn after so long. It asks something at least every second. */
const SILENT_MS = 10_000;

/**
 * The relay of an outbox. Of all instances one works, whichever has the lock in the service's database; the others stand by,
 * and one of them goes on from the stored position when that one's connection ends.
 */
export class Relay {
  private readonly stopping = new AbortController();
  private turn: RelayTurn | undefined;
  private state_: RelayState = 'waiting-for-schemas';
  private failure_: string | undefined;
  private working: Promise<void> | undefined;

  constructor(private readonly options: RelayOptions) {}

  get state(): RelayState {
    return this.state_;
  }

  /** Why the last turn ended, or could not begin, until one has got something done, or another instance has it. */
  get failure(): string | undefined {
    return this.turn?.hasWorked === true ? undefined : this.failure_;
  }

  /** See `RelayTurn.blockedForMs`. */
  get blockedForMs(): number | undefined {
    return this.turn?.blockedForMs;
  }

  start(): void {
    this.working ??= this.work();
  }

  /** Begins a stop: reads no more; what was handed to the log has its answer within this time. */
  stopWithin(withinMs: number): void {
    this.stopping.abort();
    this.options.writePath.stopWithin(withinMs);
  }

  /** Ends the stop: what was acknowledged is marked, and the turn given up. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.working;
    await this.options.writePath.close();
  }

  private async work(): Promise<void> {
    const { writePath } = this.options;
    const { signal } = this.stopping;
    await Promise.race([writePath.start(), aborted(signal)]);
    for (let failures = 0; !signal.aborted;) {
      try {
        this.state_ = 'standby';
        if (await this.takeTurn()) continue;
        this.failure_ = undefined;
        failures = 0;
        await pause(STANDBY_MS, signal);
      } catch (error) {
        // What had worked for a while begins again soon.
        if (this.failure_ === undefined) failures = 0;
        this.failure_ = error instanceof Error ? error.message : String(error);
        if (this.isStopping()) break;
        this.options.log.warn({ error: this.failure_ }, 'the relay of the outbox begins again');
        await pause(fullJitterMs(failures, RETRY), signal);
        failures += 1;
      }
    }
    this.state_ = 'stopped';
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** False when another instance has the turn. */
  private async takeTurn(): Promise<boolean> {
    const { database, log } = this.options;
    const session = await ExclusiveSession.tryOpen(database, LOCK);
    if (session === undefined) return false;
    const { signal } = this.stopping;
    const wakeUp = new WakeUp();
    try {
      session.client.on('notification', () => wakeUp.call());
      // PostgreSQL ends a session that asks nothing: a suspended relay must not keep its turn.
      await session.client.query(`SET idle_session_timeout = ${SILENT_MS}`);
      await session.client.query('LISTEN millrace_outbox');
      const store = await OutboxStore.open(answeringWithin(SILENT_MS, session.client));
      this.turn = new RelayTurn({ ...this.options, store, wakeUp, signal });
      this.state_ = 'relaying';
      log.info({ position: String(store.position) }, 'the relay of the outbox begins its turn');
      await this.turn.run();
      return true;
    } finally {
      this.failure_ = this.failure;
      this.turn = undefined;
      session.close();
    }
  }
}

async function pause(forMs: number, signal: AbortSignal): Promise<void> {
  await sleep(forMs, undefined, { signal }).catch(() => undefined);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
