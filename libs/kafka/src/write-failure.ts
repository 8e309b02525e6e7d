import { NotSentError } from './produce/not-sent-error';

/**
 * Answers that mean that the broker did not take the batch. NOT_LEADER_FOR_PARTITION is none of them: a leader that appends a batch
 * and is deposed while it waits for its replicas gives the same answer (`checkEnoughReplicasReachOffset` of Kafka's Partition.scala),
 * and the batch may live on in the log of the next leader.
 */
const NOT_WRITTEN = new Set(['NOT_ENOUGH_REPLICAS', 'TOPIC_AUTHORIZATION_FAILED']);

/** Answers that will be the same however often this batch is sent. */
const REFUSED = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'CORRUPT_MESSAGE']);

/**
 * The broker no longer knows how far this producer's numbers have gone. Nothing was taken this time; whether an earlier try
 * of the same batch was, nobody can say any more.
 */
const NUMBERS_LOST = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
]);

/**
 * - `refused`: the answer will be the same however often this batch is sent.
 * - `not-written`: the broker did not take it this time.
 * - `too-late`: the records' own time is too long ago for this topic; no try of theirs can get into the log from now on.
 * - `numbers-lost`: see above.
 */
export type WriteFailure = 'refused' | 'not-written' | 'too-late' | 'numbers-lost' | 'unknown';

/**
 * What an error of one send says about the batch: whatever is neither a broker's own answer nor a NotSentError leaves the
 * outcome unknown.
 */
export function classifyWriteFailure(error: Error): WriteFailure {
  if (error instanceof NotSentError) return 'not-written';
  const kind = brokerAnswer(error) ?? rootCause(error).name;
  if (REFUSED.has(kind)) return 'refused';
  if (kind === 'INVALID_TIMESTAMP') return 'too-late';
  if (NUMBERS_LOST.has(kind)) return 'numbers-lost';
  return NOT_WRITTEN.has(kind) ? 'not-written' : 'unknown';
}

/** Kafka's name for what a broker has answered, such as `NOT_ENOUGH_REPLICAS`; undefined for an error of any other kind. */
export function brokerAnswer(error: unknown): string | undefined {
  const root = error instanceof Error ? rootCause(error) : undefined;
  return root !== undefined && 'type' in root && typeof root.type === 'string' ? root.type : undefined;
}

/** Whatever was thrown, as an error. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** kafkajs wraps the last error of its own retries. */
export function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
