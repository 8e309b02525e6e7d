import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import { LANDING_LIMIT_MS } from '@millrace/kafka';
import type { Reservation, ReservationStore, ReservedPlace } from '@millrace/postgres';
import type { PendingEvent } from './pending-event';

/** Where the log has records of these identities, of those whose own times are in the range; the first of each. */
export type ReadLog = (
  identities: ReadonlySet<string>,
  times: { readonly fromMs: number; readonly toMs: number },
) => Promise<ReadonlyMap<string, ReservedPlace>>;

export interface OpenEventsOptions {
  readonly topic: string;
  readonly store: Pick<ReservationStore, 'read' | 'settle' | 'takeOver'>;
  readonly readLog: ReadLog;
  readonly log: Logger;
}

/** How far the brokers' clocks may be behind PostgreSQL's; and what a follower may need to have what its leader has. */
const CLOCK_SKEW_MS = 5_000;
/** From then on a record that is not in the log never will be. */
const CERTAIN_AFTER_MS = LANDING_LIMIT_MS + CLOCK_SKEW_MS;
/** A living owner has stored its position by then. */
const LOOK_AFTER_MS = 1_000;
const POLL_MS = 50;
const RETRY_MS = 500;
const LOOK_EVERY_MS = 2_000;
/** Reservations so far apart are looked for in one reading of the log. */
const ONE_READING_MS = 30_000;

interface Waiting {
  readonly event: PendingEvent;
  readonly resolve: () => void;
  /** In `performance.now()` time. */
  nextLookAt: number;
}

/**
 * Events that somebody else has reserved, and whose place is not stored. Mostly the other one is alive and stores it soon.
 * Otherwise the log is read: from the time of the reservation, because the record bears that time, to the time after which
 * brokers would not take it any more. Found: its position is stored for everybody. Not found, after that time: it never
 * will be there, and the event is taken over. Not found, before: nobody can say.
 */
export class OpenEvents {
  private readonly waiting = new Set<Waiting>();
  private watching: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: OpenEventsOptions) {}

  /** Resolves when the reservation is not open any more, was taken over (`reservedAtMs`), or nobody waits for the event. */
  settled(event: PendingEvent): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.add({ event, resolve, nextLookAt: 0 });
      this.watching ??= this.watch();
    });
  }

  close(): void {
    this.closed = true;
  }

  private async watch(): Promise<void> {
    const { log, topic } = this.options;
    while (this.waiting.size > 0 && !this.closed) {
      let waitMs = POLL_MS;
      await this.look().catch((error: unknown) => {
        waitMs = RETRY_MS;
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ topic, error: reason }, 'open reservations cannot be settled yet, trying again');
      });
      for (const each of this.waiting) if (each.event.isAnswered) this.end(each);
      await sleep(waitMs);
    }
    this.watching = undefined;
  }

  private async look(): Promise<void> {
    const identities = [...this.waiting].map(({ event }) => event.identity);
    const known = await this.options.store.read(identities);
    const due: { readonly waiting: Waiting; readonly row: Reservation }[] = [];
    for (const waiting of [...this.waiting]) {
      const row = known.get(waiting.event.identity);
      if (row === undefined || row.place !== undefined) this.end(waiting);
      else if (row.ageMs >= LOOK_AFTER_MS && performance.now() >= waiting.nextLookAt)
        due.push({ waiting, row });
    }
    if (due.length > 0) await this.askLog(due);
  }

  private async askLog(due: { readonly waiting: Waiting; readonly row: Reservation }[]): Promise<void> {
    const { store, readLog, topic, log } = this.options;
    due.sort((a, b) => a.row.reservedAtMs - b.row.reservedAtMs);
    const fromMs = due[0]?.row.reservedAtMs ?? 0;
    const asked = due.filter(({ row }) => row.reservedAtMs - fromMs <= ONE_READING_MS);
    const toMs = Math.max(...asked.map(({ row }) => row.reservedAtMs));
    const identities = new Set(asked.map(({ waiting }) => waiting.event.identityInLog));
    for (const { waiting } of asked) waiting.nextLookAt = performance.now() + LOOK_EVERY_MS;
    const places = await readLog(identities, { fromMs, toMs });

    const found = asked.flatMap(({ waiting, row }) => {
      const place = places.get(waiting.event.identityInLog);
      return place === undefined ? [] : [{ ...row, ...place }];
    });
    if (found.length > 0) await store.settle(found);
    // Their age was read before the log was: whatever could get into it was there to be read.
    const lost = asked.filter(
      ({ waiting, row }) => row.ageMs >= CERTAIN_AFTER_MS && !places.has(waiting.event.identityInLog),
    );
    if (lost.length === 0) return;
    const taken = await store.takeOver(
      lost.map(({ row }) => row),
      randomUUID(),
    );
    log.info({ topic, events: taken.size }, 'events that were reserved and never sent were taken over');
    for (const { waiting } of lost) {
      const { event } = waiting;
      event.reservedAtMs = taken.get(event.identity);
      if (event.reservedAtMs !== undefined) this.end(waiting);
    }
  }

  private end(waiting: Waiting): void {
    this.waiting.delete(waiting);
    waiting.resolve();
  }
}
