import {
  RecordRefusedError,
  TopicNotFoundError,
  WriteDeadlineError,
  WriterClosedError,
  WriterFullError,
} from '@millrace/kafka';
import { InvalidEventError, JsonSyntaxError, JsonTooDeepError } from '@millrace/schema-registry';
import { problemRule } from '@millrace/service';
import type { ProblemRule } from '@millrace/service';
import {
  EventTooLargeError,
  EventTypeNotFoundError,
  InvalidEnvelopeError,
  ProducerStartingError,
  ProducerStoppingError,
} from './errors';

/** What a publisher is answered for each error, over HTTP and within a stream. */
export const problems: readonly ProblemRule[] = [
  problemRule(EventTypeNotFoundError, { status: 404, members: ({ nearest }) => ({ nearest }) }),
  problemRule(InvalidEventError, { status: 422, members: (error) => ({ errors: error.problems }) }),
  problemRule(InvalidEnvelopeError, { status: 422, members: (error) => ({ errors: error.problems }) }),
  problemRule(JsonSyntaxError, { status: 400 }),
  problemRule(JsonTooDeepError, { status: 400 }),
  problemRule(EventTooLargeError, { status: 413 }),
  problemRule(RecordRefusedError, { status: 413 }),
  problemRule(WriterFullError, { status: 429, retryAfterSeconds: () => 1 }),
  problemRule(WriteDeadlineError, {
    status: 503,
    members: ({ outcome }) => ({ outcome }),
    retryAfterSeconds: () => 5,
  }),
  problemRule(ProducerStartingError, {
    status: 503,
    members: () => ({ outcome: 'not-written' }),
    retryAfterSeconds: () => 2,
  }),
  problemRule(ProducerStoppingError, { status: 503, members: () => ({ outcome: 'not-written' }) }),
  problemRule(WriterClosedError, {
    status: 503,
    members: () => ({ outcome: 'not-written' }),
    retryAfterSeconds: () => 2,
  }),
  problemRule(TopicNotFoundError, {
    status: 503,
    members: () => ({ outcome: 'not-written' }),
    retryAfterSeconds: () => 30,
  }),
];
