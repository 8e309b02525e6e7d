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
import { EventIdReusedError, EventUnsettledError, IdempotencyUnavailableError } from './idempotency/errors';
import { NotSetAsideError } from './outbox/errors';
import {
  BatchRefusedError,
  BatchTooLargeError,
  BatchUnfinishedError,
  BodiesFullError,
  BodyEncodingError,
  BodyTimeoutError,
  BodyTooLargeError,
  EncodingNotSupportedError,
  StreamsFullError,
  StreamStalledError,
  TooManyHeadersError,
} from './request-errors';

/** What a publisher is answered for each error, over HTTP and within a stream. */
export const problems: readonly ProblemRule[] = [
  problemRule(EventTypeNotFoundError, { status: 404, members: ({ nearest }) => ({ nearest }) }),
  problemRule(InvalidEventError, { status: 422, members: (error) => ({ errors: error.problems }) }),
  problemRule(InvalidEnvelopeError, { status: 422, members: (error) => ({ errors: error.problems }) }),
  problemRule(JsonSyntaxError, { status: 400 }),
  problemRule(JsonTooDeepError, { status: 400 }),
  problemRule(EventTooLargeError, { status: 413 }),
  problemRule(RecordRefusedError, { status: 413 }),
  problemRule(BodyTooLargeError, { status: 413 }),
  problemRule(BatchTooLargeError, { status: 413 }),
  problemRule(BodyEncodingError, { status: 400 }),
  problemRule(EncodingNotSupportedError, { status: 415 }),
  problemRule(BodyTimeoutError, { status: 408 }),
  problemRule(StreamStalledError, { status: 408 }),
  problemRule(TooManyHeadersError, { status: 431 }),
  problemRule(BodiesFullError, { status: 429, retryAfterSeconds: () => 1 }),
  problemRule(StreamsFullError, { status: 429, retryAfterSeconds: () => 5 }),
  problemRule(BatchRefusedError, { status: 422, members: ({ outcome }) => ({ ...outcome }) }),
  problemRule(BatchUnfinishedError, {
    status: 503,
    members: ({ outcome }) => ({ ...outcome }),
    retryAfterSeconds: () => 5,
  }),
  problemRule(WriterFullError, { status: 429, retryAfterSeconds: () => 1 }),
  problemRule(WriteDeadlineError, {
    status: 503,
    members: ({ outcome }) => ({ outcome }),
    retryAfterSeconds: () => 5,
  }),
  problemRule(NotSetAsideError, { status: 404 }),
  problemRule(EventIdReusedError, { status: 409 }),
  problemRule(IdempotencyUnavailableError, {
    status: 503,
    members: () => ({ outcome: 'not-written' }),
    retryAfterSeconds: () => 2,
  }),
  problemRule(EventUnsettledError, {
    status: 503,
    members: () => ({ outcome: 'unknown' }),
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
