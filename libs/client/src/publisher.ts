import type { EventType } from '@millrace/contracts';

/** What an event says about itself, beside its type and its value. Everything that is left out is filled in. */
export interface EventOptions {
  /** Identifies the event within its source. Default: a new UUID, fixed before the first try. */
  readonly id?: string;
  /** Who says it, a URI reference. Default: the publisher's. */
  readonly source?: string;
  /** When it happened. Default: now. */
  readonly time?: Date;
  readonly subject?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
  /** CloudEvents extension attributes, by names of `a-z` and `0-9`. */
  readonly extensions?: Readonly<Record<string, string>>;
}

export interface PublishOptions extends EventOptions {
  /** The call has its answer after this time at the latest. Default: the publisher's. */
  readonly deadlineMs?: number;
  /** Gives the call up. What is on its way already may be in the log all the same: see `outcome` of the error. */
  readonly signal?: AbortSignal;
}

/** An event that is in the log, with its place there. */
export interface Published {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** `topic/partition/offset`: what read models take as `at-least`. */
  readonly position: string;
}

export interface CloseOptions {
  /** Whoever still waits has an answer after this time at the latest. Default: only the deadlines count. */
  readonly withinMs?: number;
}

/**
 * The way into the log for a service, the same over HTTP (`httpPublisher`) and straight to Kafka (`kafkaPublisher`).
 *
 * Events of one key lie in the log in the order of the calls of `publish`, whatever is batched and tried again. An event's
 * id is fixed before its first try, so a try that follows an unknown outcome is at worst a repeat, which readers drop. Safe
 * to call concurrently. What waits is bounded: see `room`.
 */
export interface Publisher extends AsyncDisposable {
  /**
   * Publishes one event; resolves with its place once all in-sync replicas have it.
   *
   * Rejects with one of `PublishError`: PUBLISH_REFUSED, PUBLISH_DEADLINE, PUBLISH_ABORTED, PUBLISH_OVERTAKEN,
   * PUBLISHER_FULL (at once), PUBLISHER_CLOSED. Each says whether trying again helps (`retriable`) and what is known of the
   * event (`outcome`).
   */
  publish<T>(type: EventType<T>, value: NoInfer<T>, options?: PublishOptions): Promise<Published>;

  /**
   * Undefined when much more may be published now; otherwise a promise that resolves when that is so again. Whoever
   * publishes many without waiting for each waits for this instead; `publishAll` does.
   */
  room(): Promise<void> | undefined;

  /** Resolves when everything that was published before has its outcome, whatever it is. Never rejects. */
  flush(): Promise<void>;

  /** Takes no more, flushes, and lets the connections go. Idempotent. */
  close(options?: CloseOptions): Promise<void>;
}
