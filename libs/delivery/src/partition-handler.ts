import type { LogRecord, TopicPartition } from '@millrace/event';

/**
 * What became of a run of records that were handed over. Of a handler that ends their work after it has answered, done means
 * taken.
 */
export type HandleOutcome =
  /** All records are done. */
  | { readonly kind: 'done' }
  /** Done up to `nextOffset`; the record there comes again after `delayMs`. Other partitions go on. */
  | { readonly kind: 'hold'; readonly nextOffset: bigint; readonly delayMs: number; readonly reason: string }
  /** Done up to `nextOffset`, where it has to stop until `over` resolves. Nothing is wrong. */
  | {
      readonly kind: 'wait';
      readonly nextOffset: bigint;
      readonly over: Promise<void>;
      readonly reason: string;
    }
  /** Somebody else wrote this partition's position: give up the work and join the group again. */
  | { readonly kind: 'fenced'; readonly reason: string }
  /**
   * Going on would be wrong. The partition stands still and says why. It is opened again once `over` resolves, which never
   * rejects; without it only by the next assignment.
   */
  | Halt;

export interface Halt {
  readonly kind: 'halt';
  readonly reason: string;
  readonly over?: Promise<void>;
}

export interface OpenContext {
  /**
   * Resolves once the broker has accepted a heartbeat of this member, in the generation that assigned the
   * partition, that was sent after the call. @throws MembershipLostError when the assignment ended first.
   */
  confirmMembership(): Promise<void>;
  /** Aborted as soon as the partition is taken away or the reader stops: nothing new is to begin. */
  readonly signal: AbortSignal;
}

export type OpenOutcome =
  /** `nextOffset` is the position: from then on it is copied to Kafka, also before anything was done. */
  | { readonly kind: 'open'; readonly fetchFrom: bigint; readonly nextOffset?: bigint }
  /** As above. */
  | Halt;

/**
 * Handles one assigned partition, from its assignment to its loss; a new one is made for every assignment.
 * `open` is called first, and again after it threw and when a halt is over; then `handle`, never twice at once, with
 * records in offset order. Neither may swallow an error of its own making: `handle` answers with an outcome.
 */
export interface PartitionHandler {
  open(context: OpenContext): Promise<OpenOutcome>;
  /**
   * The partition is taken away, for `reason`. Whatever it does beside `handle` gets `graceMs` to end, and has ended when this
   * resolves. Left out by a handler that does nothing beside it. Never rejects.
   */
  close?(graceMs: number, reason: Error): Promise<void>;
  /** The first offset that is not done, once it is open. Default: what `handle` has answered. */
  readonly nextOffset?: bigint;
  /** Changes with whatever is done, also while the position waits for the first of it. Default: `nextOffset`. */
  readonly progress?: string;
  /** Why the position may stay where it is although records are under way; the state is as that of an outcome. */
  readonly standing?: { readonly state: 'held' | 'waiting'; readonly reason: string } | undefined;
  handle(records: readonly LogRecord[], signal: AbortSignal): Promise<HandleOutcome>;
  /** Kafka has acknowledged this copy of the position. What it throws is only logged, and the copy written again. */
  copied?(nextOffset: bigint): Promise<void>;
}

export type PartitionHandlerFactory = (at: TopicPartition) => PartitionHandler;
