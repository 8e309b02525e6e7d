import type { Outcome, Refused } from '../attempt';

/** What of a problem (RFC 9457) tells the outcomes apart. */
export interface Problem {
  readonly type?: string;
  readonly status?: number;
  readonly outcome?: string;
}

/**
 * What an answer other than an acknowledgement says about an event. Only 4xx, and an outcome `not-written`, are a
 * refusal; whatever does not say clearly that nothing was written is unknown.
 */
export function readProblem(status: number, problem: Problem): Outcome {
  const type = problem.type ?? 'about:blank';
  const isRefusal =
    problem.outcome === 'not-written' ||
    (problem.outcome === undefined && status >= 400 && status < 500 && status !== 408);
  if (isRefusal) return { outcome: 'refused', status, type };
  return { outcome: 'unknown', reason: `${status} ${type}` };
}

/** Why there is no answer: the code of the innermost error that has one, or else its message. */
export function readFailure(error: unknown): Outcome {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string')
      return { outcome: 'unknown', reason: `no answer: ${each.code}` };
    if (each.cause === undefined) return { outcome: 'unknown', reason: `no answer: ${each.message}` };
  }
  return { outcome: 'unknown', reason: `no answer: ${String(error)}` };
}

/** Whether a refused event may be taken when it is sent again as it is. */
export function isRefusedForNow({ status }: Refused): boolean {
  return status === 429 || status >= 500;
}
