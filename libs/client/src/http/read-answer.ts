import type { Problem } from '../errors';
import type { Published } from '../publisher';
import type { Exchange } from './connection';
import type { Failure } from './failure';

/** What a request said: of each of its events, or one thing of all of them. */
export type Answer =
  | {
      readonly events: readonly (Published | Failure)[];
      /** No sooner than this shall what failed be sent again. */
      readonly retryAfterMs?: number;
    }
  | { readonly failure: Failure };

/** A lane that was told to wait for longer than this asks again all the same. */
const MAX_RETRY_AFTER_MS = 60_000;
const OURS = 'urn:millrace:problem:';

/** Reads what became of a batch of events; `ids` are theirs, in order. */
export function readAnswer(exchange: Exchange, ids: readonly string[]): Answer {
  if ('error' in exchange) {
    const { sent, error } = exchange;
    const reason = `${sent ? 'the connection gave no answer' : 'no connection'}: ${describe(error)}`;
    return {
      failure: { outcome: sent ? 'unknown' : 'not-written', retriable: true, reason, cause: error },
    };
  }
  const { status, headers, body } = exchange;
  const retryAfterMs = readRetryAfter(headers['retry-after']);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  const answer = parseObject(body);
  const events = readEvents(answer?.['events'], ids);
  if (events !== undefined) return { events, ...wait };
  if (status >= 200 && status < 300) {
    const reason = `the answer (${status}) does not speak of the ${ids.length} events that were sent: is this a producer?`;
    return { failure: { outcome: 'unknown', retriable: true, reason } };
  }
  return { failure: { ...readFailure({ ...answer, status }), ...wait } };
}

/** What a problem says of one event, or of a request as a whole. */
export function readFailure(problem: Problem): Failure {
  const { status = 0, type = 'about:blank' } = problem;
  const isForNow = status === 408 || status === 425 || status === 429 || status >= 500;
  const retriable = problem.retriable ?? isForNow;
  const reason = `${status} ${type}${problem.detail === undefined ? '' : `: ${problem.detail}`}`;
  return { outcome: readOutcome(problem, retriable), retriable, reason, problem };
}

/** Whatever does not say clearly that nothing was written is unknown. */
function readOutcome({ outcome, status = 0, type = '' }: Problem, retriable: boolean): Failure['outcome'] {
  if (outcome === 'not-written' || outcome === 'unknown') return outcome;
  if (status < 300 || status >= 500) return 'unknown';
  if (!retriable) return 'refused';
  return status === 429 || type.startsWith(OURS) ? 'not-written' : 'unknown';
}

function readEvents(answers: unknown, ids: readonly string[]): (Published | Failure)[] | undefined {
  if (!Array.isArray(answers) || answers.length !== ids.length) return undefined;
  const events = answers.map((each: unknown, index) => readEvent(each, ids[index] ?? ''));
  return events.every((each) => each !== undefined) ? events : undefined;
}

function readEvent(answer: unknown, id: string): Published | Failure | undefined {
  if (!isObject(answer)) return undefined;
  if (isObject(answer['problem'])) return readFailure(answer['problem']);
  const { source, type, topic, partition, offset, position } = answer;
  const isPlace = answer['id'] === id && typeof partition === 'number' && /^\d+$/.test(String(offset));
  if (!isPlace || typeof position !== 'string') return undefined;
  return {
    id,
    source: String(source),
    type: String(type),
    topic: String(topic),
    partition,
    offset: BigInt(String(offset)),
    position,
  };
}

/** Seconds or a date (RFC 9110, section 10.2.3), in milliseconds from now. */
export function readRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Node gives the errors of several addresses as one without a message. */
function describe(error: Error): string {
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return first instanceof Error ? first.message : error.message;
}
