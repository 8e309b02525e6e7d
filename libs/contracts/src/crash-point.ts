/** Places between two steps that must not come apart, at which a test lets a process die. */
export type CrashPointName =
  /** An event of a topic with an idempotency window is reserved; it was not sent. */
  | 'event-reserved'
  /** The log has it; its reservation does not say where. */
  | 'reservation-open'
  /** The log has acknowledged a batch; nobody has been told. */
  | 'record-acknowledged'
  /** A partition's epoch was raised; nothing was read under it. */
  | 'epoch-taken'
  /** The position was moved in a transaction that has no effects yet. */
  | 'position-moved'
  /** The effects are written; the transaction is open. */
  | 'effects-written'
  /** The transaction has committed; its process does not know. */
  | 'position-committed'
  /** A record is in the queue of its key, in a transaction that has not moved the position for others to see. */
  | 'record-parked'
  /** The effects of parked records are written, in a transaction that has not taken them off their queues. */
  | 'queue-effects-written'
  /** An event is to be left out by a projection; it is parked still. */
  | 'event-skipped'
  /** A call for a parked record has been made; the record is still in its queue. */
  | 'queued-call-made'
  /** Parked records have taken effect and left their queues; fences without a queue still stand. */
  | 'queue-drained'
  /** Kafka has acknowledged a copy of the position; the store does not know. */
  | 'position-copied'
  /** A build's table and positions are made in a transaction that has no run yet. */
  | 'build-made'
  /** The view shows another build in a transaction that has not changed the states. */
  | 'view-replaced'
  /** The log has a page of an outbox; the outbox does not know. */
  | 'outbox-published'
  /** The outbox knows that the log has a page of it; the relay does not know that it does. */
  | 'outbox-marked';

const [armed, nth = '1', signal = 'SIGKILL'] = (process.env['MILLRACE_CRASH_POINT'] ?? '').split(':');
let left = Number(nth);
const STOPS_WITHIN_MS = 100;

/**
 * Kills this process when it comes here for the nth time, if the environment says so: `MILLRACE_CRASH_POINT=<name>:<n>`,
 * for tests of what a death in this place leaves behind; `<name>:<n>:SIGSTOP` suspends it here. Does nothing otherwise.
 */
export function crashPoint(name: CrashPointName): void {
  if (name !== armed) return;
  left -= 1;
  if (left !== 0) return;
  // The kernel ends the process before this call returns. It stops other threads than the main one a moment later.
  process.kill(process.pid, signal);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STOPS_WITHIN_MS);
}
