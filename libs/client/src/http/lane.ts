import { setTimeout as sleep } from 'node:timers/promises';
import type { Published } from '../publisher';
import type { Failure } from './failure';
import type { PendingEvent } from './pending-event';
import type { Answer } from './read-answer';

export interface LaneOptions {
  readonly maxBatchEvents: number;
  readonly maxBatchBytes: number;
  readonly backoff: { readonly initialMs: number; readonly maxMs: number };
  /**
   * Sends the events of a batch that are not settled when there is a connection, and gives them with what became of them.
   * Never rejects.
   */
  readonly send: (batch: readonly PendingEvent[]) => Promise<Sent>;
  /** Ends the waits between tries. */
  readonly closing: AbortSignal;
}

export interface Sent {
  readonly events: readonly PendingEvent[];
  readonly answer: Answer;
}

const TOO_LARGE = 413;

/**
 * Events that keep their order: one batch of them is on its way at a time. What fails for now goes before all that waits,
 * and is sent again after a wait with full jitter, or after the producer's Retry-After, until each event is settled: in the
 * log, refused, or late. Everything pushed in one turn of the event loop, or while a batch is on its way, joins the next
 * batch.
 */
export class Lane {
  private waiting: PendingEvent[] = [];
  private draining: Promise<void> | undefined;
  private failures = 0;
  /** Falls when a producer takes only smaller batches. */
  private maxBatchEvents: number;

  constructor(private readonly options: LaneOptions) {
    this.maxBatchEvents = options.maxBatchEvents;
  }

  push(event: PendingEvent): void {
    this.waiting.push(event);
    this.draining ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.drain());
  }

  private async drain(): Promise<void> {
    for (let batch = this.nextBatch(); batch.length > 0; batch = this.nextBatch()) {
      const waitMs = this.take(await this.options.send(batch));
      const signal = this.options.closing;
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
    this.draining = undefined;
  }

  private nextBatch(): PendingEvent[] {
    const batch: PendingEvent[] = [];
    let bytes = 0;
    let taken = 0;
    for (const event of this.waiting) {
      if (!event.settled) {
        bytes += event.sizeBytes;
        const isFull = batch.length === this.maxBatchEvents || bytes > this.options.maxBatchBytes;
        if (isFull && batch.length > 0) break;
        batch.push(event);
      }
      taken += 1;
    }
    this.waiting.splice(0, taken);
    return batch;
  }

  /** Settles what is known now, puts the rest back in front, and says how long to wait. */
  private take({ events, answer }: Sent): number {
    if ('failure' in answer && answer.failure.problem?.status === TOO_LARGE && events.length > 1) {
      this.maxBatchEvents = Math.ceil(events.length / 2);
      this.putBack(events);
      return 0;
    }
    const outcomes = 'events' in answer ? answer.events : events.map(() => answer.failure);
    const again = settle(events, outcomes);
    this.putBack(again);
    this.failures = again.length === 0 ? 0 : this.failures + 1;
    if (again.length === 0) return 0;
    const { initialMs, maxMs } = this.options.backoff;
    // Full jitter: those who failed together do not come back together.
    const jitterMs = Math.random() * Math.min(maxMs, initialMs * 2 ** Math.min(this.failures - 1, 40));
    const told = 'events' in answer ? answer.retryAfterMs : answer.failure.retryAfterMs;
    return (told ?? 0) + jitterMs;
  }

  private putBack(events: readonly PendingEvent[]): void {
    if (events.length > 0) this.waiting = [...events, ...this.waiting];
  }
}

/** Settles what is known of each event, and gives those that are to be sent again, in order. */
function settle(events: readonly PendingEvent[], outcomes: readonly (Published | Failure)[]): PendingEvent[] {
  const again: PendingEvent[] = [];
  const isOvertaken = findOvertaken(events, outcomes);
  for (const [index, event] of events.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) continue;
    if ('position' in outcome) {
      event.acknowledge(outcome);
      continue;
    }
    event.fail(outcome);
    if (!outcome.retriable) event.refuse(outcome);
    else if (isOvertaken[index] === true) event.overtaken(outcome);
    else again.push(event);
  }
  return again;
}

/**
 * An event that surely was not written, while a later one of its key was or may have been, would come to lie behind that
 * one. One whose outcome is unknown lies before it, if it was written, and another try is a repeat.
 */
function findOvertaken(
  events: readonly PendingEvent[],
  outcomes: readonly (Published | Failure)[],
): readonly boolean[] {
  const written = new Set<string | undefined>();
  const overtaken: boolean[] = [];
  for (let index = events.length - 1; index >= 0; index--) {
    const key = events[index]?.key;
    const outcome = outcomes[index];
    if (outcome === undefined || key === undefined) continue;
    const mayBeWritten = 'position' in outcome || outcome.outcome === 'unknown';
    if (mayBeWritten) written.add(key);
    else overtaken[index] = written.has(key);
  }
  return overtaken;
}
