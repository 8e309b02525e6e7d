/**
 * The way in that an attempt takes: over HTTP a request of its own or a line of a stream; the typed client, through the
 * producer or straight to Kafka; or a transaction with an outbox.
 */
export type Way = 'single' | 'stream' | 'client' | 'client-kafka' | 'outbox';

/**
 * Why an attempt was made. `event`: the first time. `again`: the outcome before was unknown, or the event was refused
 * for now. `repeat`: it had been acknowledged already; a declared repeat. `invalid`: its payload breaks the schema, and
 * it must be refused.
 */
export type AttemptKind = 'event' | 'again' | 'repeat' | 'invalid';

/** One event of one key as it is published: the same again whenever it is sent again. */
export interface LedgerEvent {
  /** `<run>-<n>`, with the number of its first attempt. */
  readonly id: string;
  readonly key: string;
  /** Rises from 1 within a key; 0 for an invalid event, which has no place in the order. */
  readonly seq: number;
  readonly destination: string;
  readonly valid: boolean;
}

/** What is on disk before an attempt is sent. */
export interface SentLine {
  /** Numbers the attempts of a run; it is the trace context of the CloudEvent, so that a record names its attempt. */
  readonly n: number;
  readonly kind: AttemptKind;
  readonly id: string;
  readonly key: string;
  readonly seq: number;
  readonly way: Way;
  readonly sentAt: number;
}

/** The log has it, at this place; or an outbox has it, and it will be in the log, wherever. */
export interface Acknowledged {
  readonly outcome: 'acknowledged';
  readonly position: string | undefined;
}

/** It was said that the log does not have it and will not: an answer with a 4xx status, or 503 and `not-written`. */
export interface Refused {
  readonly outcome: 'refused';
  readonly status: number;
  /** The problem's type, such as `urn:millrace:problem:write-deadline`. */
  readonly type: string;
}

/** Nobody knows: no answer in time, a lost connection, or an answer that says so. Never the same as refused. */
export interface Unknown {
  readonly outcome: 'unknown';
  readonly reason: string;
}

export type Outcome = Acknowledged | Refused | Unknown;

/** What is on disk once an attempt has its outcome. */
export type OutcomeLine = Outcome & { readonly n: number; readonly at: number };

export type AttemptLine = SentLine | OutcomeLine;

/**
 * One attempt with its outcome. `sentLine` and `outcomeLine` are its places in the attempts file, which order what
 * happened better than clocks: whatever stands above had happened before. An attempt whose outcome never came is unknown,
 * and its `outcomeLine` is infinite.
 */
export interface Attempt extends SentLine {
  readonly outcome: Outcome;
  /** When the outcome came; undefined when it never did. */
  readonly at: number | undefined;
  readonly sentLine: number;
  readonly outcomeLine: number;
}
