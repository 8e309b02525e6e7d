import { NotSentError } from '../produce/not-sent-error';
import { classifyWriteFailure, rootCause } from '../write-failure';
import type { WriteFailure } from '../write-failure';

/** As kafkajs gives what a broker has answered: by itself, and as the cause of its own retries' error. */
const answered = (type: string): Error =>
  Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });
const retried = (cause: Error): Error =>
  Object.assign(new Error('gave up', { cause }), { name: 'KafkaJSNumberOfRetriesExceeded' });
const named = (name: string): Error => Object.assign(new Error(name), { name });

describe('what an error of a send says about the batch', () => {
  it.each<[what: string, error: Error, failure: WriteFailure]>([
    ['is too large for the topic', answered('MESSAGE_TOO_LARGE'), 'refused'],
    ['is invalid, such as one without a key for a compacted topic', answered('INVALID_RECORD'), 'refused'],
    ['had too few replicas in sync before it was appended', answered('NOT_ENOUGH_REPLICAS'), 'not-written'],
    ['bears a time that is too long ago for the topic', answered('INVALID_TIMESTAMP'), 'too-late'],
    ['has numbers that the broker does not expect', answered('OUT_OF_ORDER_SEQUENCE_NUMBER'), 'numbers-lost'],
    [
      'had too few replicas in sync after it was appended',
      answered('NOT_ENOUGH_REPLICAS_AFTER_APPEND'),
      'unknown',
    ],
    [
      'went to a broker that no longer leads, which may have appended it before',
      answered('NOT_LEADER_FOR_PARTITION'),
      'unknown',
    ],
    ['was not replicated in time', answered('REQUEST_TIMED_OUT'), 'unknown'],
    ['was on its way when the connection closed', named('KafkaJSConnectionClosedError'), 'unknown'],
    ['got no answer in time', named('KafkaJSRequestTimeoutError'), 'unknown'],
    ['failed while the refresh of the metadata hid why', named('KafkaJSConnectionError'), 'unknown'],
  ])('a batch that %s', (_what, error, failure) => {
    expect(classifyWriteFailure(error)).toBe(failure);
    expect(classifyWriteFailure(retried(error))).toBe(failure);
  });

  it('that could not be sent is that nothing was written, whatever kept it from being sent', () => {
    for (const cause of [named('KafkaJSConnectionError'), answered('MESSAGE_TOO_LARGE'), 'no leader']) {
      expect(classifyWriteFailure(new NotSentError('orders', 3, cause))).toBe('not-written');
    }
  });

  it('is read from the innermost error', () => {
    const inner = answered('MESSAGE_TOO_LARGE');
    expect(rootCause(retried(retried(inner)))).toBe(inner);
  });
});
