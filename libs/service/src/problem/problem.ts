import type { MillraceError } from '@millrace/contracts';

/** An RFC 9457 problem: the five standard members, then extension members of the problem's own. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly [extension: string]: unknown;
}

export interface Problem {
  readonly details: ProblemDetails;
  /** For the header `Retry-After`, in whole seconds. */
  readonly retryAfterSeconds?: number;
}

/** How one class of errors answers over HTTP. */
export interface ProblemRule {
  readonly error: abstract new (...args: never[]) => MillraceError;
  readonly status: number;
  /** Short, and the same for every occurrence. The code in words by default. */
  readonly title?: string;
  readonly members?: (error: MillraceError) => Record<string, unknown>;
  readonly retryAfterSeconds?: (error: MillraceError) => number | undefined;
}

export interface ProblemRuleOptions<E extends MillraceError> {
  readonly status: number;
  readonly title?: string;
  /** Extension members, for example `errors` or `nearest`. */
  readonly members?: (error: E) => Record<string, unknown>;
  readonly retryAfterSeconds?: (error: E) => number | undefined;
}

/** One row of an app's table from errors to answers. The first row whose class fits an error decides. */
export function problemRule<E extends MillraceError>(
  error: abstract new (...args: never[]) => E,
  options: ProblemRuleOptions<E>,
): ProblemRule {
  // `toProblem` calls a rule's functions only with instances of its class.
  return { error, ...options } as unknown as ProblemRule;
}

/**
 * What an error answers: its code as `urn:millrace:problem:<code>`, its message, whether the same request may succeed
 * later, and the rule's members. Undefined when no rule fits; such an error's text is not for clients.
 */
export function toProblem(error: unknown, rules: readonly ProblemRule[]): Problem | undefined {
  const rule = rules.find((candidate) => error instanceof candidate.error);
  if (rule === undefined) {
    return undefined;
  }
  const known = error as MillraceError;
  const retryAfterSeconds = rule.retryAfterSeconds?.(known);
  return {
    details: {
      ...standardMembers(known.code, rule.status, rule.title),
      detail: known.message,
      retriable: known.retriable,
      ...rule.members?.(known),
    },
    ...(retryAfterSeconds === undefined
      ? {}
      : { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterSeconds)) }),
  };
}

/** `type`, `title` and `status` of a problem, from a code in any of the usual cases. */
export function standardMembers(code: string, status: number, title?: string): ProblemDetails {
  const words = code
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const text = words.join(' ');
  return {
    type: `urn:millrace:problem:${words.join('-')}`,
    title: title ?? text.charAt(0).toUpperCase() + text.slice(1),
    status,
  };
}
