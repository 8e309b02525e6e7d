import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { crashPoint } from '@millrace/contracts';
import type { Logger } from '@millrace/contracts';
import type { Position } from '@millrace/event';
import { WriteDeadlineError } from '@millrace/kafka';
import type { LogWriter } from '@millrace/kafka';
import { classifyDatabaseFailure } from '@millrace/postgres';
import type { HeldReservation, Reservation, ReservationStore, ReservedPlace } from '@millrace/postgres';
import { EventIdReusedError, EventUnsettledError, IdempotencyUnavailableError } from './errors';
import { OpenEvents } from './open-events';
import type { ReadLog } from './open-events';
import type { PendingEvent } from './pending-event';
import { StatementQueue } from './statement-queue';

export interface IdempotentTopicOptions {
  readonly topic: string;
  readonly store: ReservationStore;
  /** Numbers its batches, so that one that is sent again lies in the log once. */
  readonly writer: Pick<LogWriter, 'append'>;
  readonly readLog: ReadLog;
  /** See `WriteLimits`. */
  readonly timeoutMs: number;
  /** Called when `unstored` has become less. */
  readonly onStored: () => void;
  readonly log: Logger;
}

/** What is to be stored about an event. */
interface Stored<Row> {
  readonly event: PendingEvent;
  readonly row: Row;
}

/** Events that one statement reserves. */
const MAX_BATCH = 1_000;
const RETRY_MS = 100;
const MAX_UNSTORED = 20_000;

/**
 * The way of one topic's events to the log's writer, by way of their reservations. One statement at a time reserves what has
 * come since the last one, in order, and what it reserved is appended in that order. An event that somebody else has
 * reserved holds up the later ones of its key until it is known what became of it, and no others.
 */
export class IdempotentTopic {
  private readonly waiting: PendingEvent[] = [];
  /** By key: what waits behind an event that is open. */
  private readonly held = new Map<string, PendingEvent[]>();
  /** By identity: from its arrival until its position is stored. */
  private readonly present = new Map<string, PendingEvent>();
  private readonly open: OpenEvents;
  private readonly settling: StatementQueue<Stored<HeldReservation & ReservedPlace>>;
  private readonly releasing: StatementQueue<Stored<HeldReservation>>;
  private readonly isPatient: boolean;
  private draining: Promise<void> | undefined;
  private lastFailure: unknown;

  constructor(private readonly options: IdempotentTopicOptions) {
    const { store, log, topic, timeoutMs } = options;
    this.isPatient = timeoutMs === Number.POSITIVE_INFINITY;
    const shared = {
      maxItems: MAX_UNSTORED,
      onDone: ({ event }: { readonly event: PendingEvent }): void => {
        this.forget(event);
        options.onStored();
      },
      onError: (error: unknown): void =>
        log.error({ topic, err: error }, 'reservations could not be stored; the log will be asked for them'),
    };
    this.settling = new StatementQueue<Stored<HeldReservation & ReservedPlace>>({
      ...shared,
      run: (items) => store.settle(items.map(rowOf)),
    });
    this.releasing = new StatementQueue<Stored<HeldReservation>>({
      ...shared,
      run: (items) => store.release(items.map(rowOf)),
    });
    this.open = new OpenEvents(options);
  }

  /** Gives the event's place when the log has it, as its first sending has or will have it. */
  async push(event: PendingEvent): Promise<Position> {
    const first = this.present.get(event.identity);
    if (first !== undefined) return this.follow(first, event);
    this.present.set(event.identity, event);
    this.waiting.push(event);
    this.wake();
    return event.place;
  }

  /** Events that have their answer, and whose positions or releases are not stored. */
  get unstored(): number {
    return this.settling.size + this.releasing.size;
  }

  /** Its caller has waited long enough; what the log's writer has is answered by the writer. */
  expire(event: PendingEvent): void {
    const { topic, timeoutMs } = this.options;
    if (event.isAnswered || event.stage === 'writing') return;
    if (event.stage === 'open') return event.reject(new EventUnsettledError(topic, timeoutMs));
    const reason =
      event.stage === 'behind'
        ? `what became of an earlier event of its key was not known within ${timeoutMs} ms.`
        : `PostgreSQL did not answer within ${timeoutMs} ms.`;
    event.reject(new IdempotencyUnavailableError(topic, reason, this.lastFailure));
  }

  /** Everybody has an answer by now. What is not stored within this time is asked of the log when it is needed. */
  async close(withinMs: number): Promise<void> {
    this.open.close();
    await Promise.all([this.settling.close(withinMs), this.releasing.close(withinMs)]);
  }

  /** The same id is on its way already: it has one outcome for both. */
  private async follow(first: PendingEvent, again: PendingEvent): Promise<Position> {
    if (!first.saysTheSame(again.request)) throw new EventIdReusedError(this.options.topic);
    return first.place;
  }

  private wake(): void {
    // The rest of this turn's events join the same statement.
    this.draining ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.drain());
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MAX_BATCH).filter((event) => this.isNext(event));
      await this.take(batch);
    }
    this.draining = undefined;
  }

  /** False for events that nobody waits for, and for those that have to wait behind another one of their key. */
  private isNext(event: PendingEvent): boolean {
    if (event.isAnswered) this.giveUp(event);
    else if (!this.waitsForItsKey(event)) {
      // One of a key at a time: what may have to be taken again must not be overtaken meanwhile.
      if (this.isPatient) this.hold(event.record.key);
      return true;
    }
    return false;
  }

  private waitsForItsKey(event: PendingEvent): boolean {
    const { key } = event.record;
    const behind = key === null ? undefined : this.held.get(key);
    if (behind === undefined) return false;
    event.stage = 'behind';
    behind.push(event);
    return true;
  }

  /** From now on events of this key wait, until `resume`. */
  private hold(key: string | null): void {
    if (key !== null && !this.held.has(key)) this.held.set(key, []);
  }

  private async take(batch: readonly PendingEvent[]): Promise<void> {
    const asked = batch.filter(({ reservedAtMs }) => reservedAtMs === undefined);
    const known = await this.reserve(asked).catch((error: unknown) => {
      for (const event of asked) event.reject(error);
      return new Map<string, Reservation>();
    });
    for (const event of batch) {
      if (event.isAnswered) {
        this.giveUp(event);
        this.leave(event);
      } else if (this.isPatient || !this.waitsForItsKey(event)) {
        this.route(event, known.get(event.identity));
      }
    }
  }

  /** The event has its answer: with one of a key at a time it is the next one's turn. */
  private leave({ record: { key } }: PendingEvent): void {
    if (this.isPatient) this.resume(key);
  }

  /** Marks those that are reserved now, and gives the reservations of the others. Waits for the database while anybody does. */
  private async reserve(asked: readonly PendingEvent[]): Promise<Map<string, Reservation>> {
    const { store } = this.options;
    const attempt = randomUUID();
    while (asked.some(({ isAnswered }) => !isAnswered)) {
      try {
        const reserved = await store.reserve(
          asked.map(({ request }) => request),
          attempt,
        );
        for (const event of asked) event.reservedAtMs = reserved.get(event.identity);
        this.lastFailure = undefined;
        const others = asked.filter(({ reservedAtMs }) => reservedAtMs === undefined);
        return others.length === 0 ? new Map() : await store.read(others.map(({ identity }) => identity));
      } catch (error) {
        if (classifyDatabaseFailure(error) === 'other') throw error;
        this.lastFailure = error;
        await sleep(RETRY_MS);
      }
    }
    return new Map();
  }

  private route(event: PendingEvent, known: Reservation | undefined): void {
    const { topic } = this.options;
    if (event.reservedAtMs !== undefined) return this.write(event, event.reservedAtMs);
    if (known === undefined) return this.await(event);
    if (!event.saysTheSame(known)) {
      event.reject(new EventIdReusedError(topic));
    } else if (known.place !== undefined) {
      event.resolve({ topic, ...known.place });
    } else {
      return this.await(event);
    }
    this.forget(event);
    this.leave(event);
  }

  /** Waits until it is known what became of a reservation that is not ours, and then takes the event again. */
  private await(event: PendingEvent): void {
    const { key } = event.record;
    event.stage = 'open';
    this.hold(key);
    void this.open.settled(event).then(() => this.resume(key, event));
  }

  /** Takes what waits behind an event of this key, and before it the event itself if it is to be taken again. */
  private resume(key: string | null, ...again: PendingEvent[]): void {
    if (key !== null) {
      again.push(...(this.held.get(key) ?? []));
      this.held.delete(key);
    }
    for (const each of again) each.stage = 'reserving';
    this.waiting.unshift(...again);
    this.wake();
  }

  private write(event: PendingEvent, timestampMs: number): void {
    const { writer } = this.options;
    crashPoint('event-reserved');
    event.stage = 'writing';
    const { deadlineAt } = event.limits;
    writer.append({ ...event.record, timestampMs, deadlineAt }).then(
      (position) => {
        crashPoint('reservation-open');
        event.resolve(position);
        const { partition, offset } = position;
        this.settling.push({
          event,
          row: { identity: event.identity, reservedAtMs: timestampMs, partition, offset },
        });
        this.leave(event);
      },
      (error: unknown) => {
        if (this.isPatient && error instanceof WriteDeadlineError) {
          // Its reservation is open from now on, like that of a stranger, and is settled in the same way.
          event.reservedAtMs = undefined;
          return this.resume(event.record.key, event);
        }
        event.reject(error);
        const mayBeWritten = error instanceof WriteDeadlineError && error.outcome === 'unknown';
        if (mayBeWritten) this.forget(event);
        else this.giveUp(event);
        this.leave(event);
      },
    );
  }

  /** It was not sent and will not be: whoever sends it again need not wait. */
  private giveUp(event: PendingEvent): void {
    const { identity, reservedAtMs } = event;
    if (reservedAtMs === undefined) this.forget(event);
    else this.releasing.push({ event, row: { identity, reservedAtMs } });
  }

  private forget(event: PendingEvent): void {
    if (this.present.get(event.identity) === event) this.present.delete(event.identity);
  }
}

function rowOf<Row>({ row }: Stored<Row>): Row {
  return row;
}
