import { NotSentError } from './produce/not-sent-error';

/** Answers that mean the broker did not take the batch this time. */
const NOT_WRITTEN = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'NOT_ENOUGH_REPLICAS',
  'TOPIC_AUTHORIZATION_FAILED',
]);

/** Answers that will be the same however often this batch is sent. */
const REFUSED = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'CORRUPT_MESSAGE']);

export type WriteFailure = 'refused' | 'not-written' | 'unknown';

/**
 * What an error of one send says about the batch: whatever is neither a broker's own answer nor a NotSentError leaves the
 * outcome unknown.
 */
export function classifyWriteFailure(error: Error): WriteFailure {
  if (error instanceof NotSentError) return 'not-written';
  const root = rootCause(error);
  const kind = 'type' in root && typeof root.type === 'string' ? root.type : root.name;
  if (REFUSED.has(kind)) return 'refused';
  return NOT_WRITTEN.has(kind) ? 'not-written' : 'unknown';
}

/** kafkajs wraps the last error of its own retries. */
export function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
