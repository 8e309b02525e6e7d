import { schemaRef } from './json-schema';
import type { JsonSchema } from './json-schema';

/** An object whose members are all required, but for those whose name ends in `?`. */
export function objectOf(members: Readonly<Record<string, object>>): object {
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(members).map(([name, schema]) => [name.replace('?', ''), schema]),
    ),
    required: Object.keys(members).filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

/** An answer of one media type. */
export function answer(description: string, schema: object, mediaType = 'application/json'): object {
  return { description, content: { [mediaType]: { schema } } };
}

/** An answer that is a problem; the document has its schema under the name `Problem`. */
export function problem(description: string): object {
  return answer(description, schemaRef('Problem'), 'application/problem+json');
}

/** A problem that a client may be answered; its `type` is `urn:millrace:problem:` and the name. */
export interface ProblemType {
  readonly status: number;
  readonly name: string;
  readonly meaning: string;
}

/** The URN of a problem, as `type` has it. */
export function problemUrn({ name }: Pick<ProblemType, 'name'>): string {
  return `urn:millrace:problem:${name}`;
}

/**
 * The answers that are problems, one for each status, by the names under which operations refer to them: `Problem404`.
 * `withRetryAfter` are the statuses that come with that header.
 */
export function problemResponses(
  types: readonly ProblemType[],
  withRetryAfter: readonly number[],
): Record<string, object> {
  const statuses = [...new Set(types.map(({ status }) => status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const own = types.filter((each) => each.status === status);
      const isType = { type: { enum: own.map(problemUrn) } };
      const schema: JsonSchema = {
        allOf: [schemaRef('Problem'), { properties: { ...isType, status: { const: status } } }],
      };
      const retryAfter = { description: 'In seconds.', schema: { type: 'integer', minimum: 1 } };
      return [
        `Problem${status}`,
        {
          description: own.map(({ name, meaning }) => `${name}: ${meaning}`).join('\n\n'),
          ...(withRetryAfter.includes(status) ? { headers: { 'Retry-After': retryAfter } } : {}),
          content: { 'application/problem+json': { schema } },
        },
      ];
    }),
  );
}

/** What an operation says of these statuses: where the document keeps the answers that `problemResponses` made. */
export function problemRefs(statuses: Iterable<number>): Record<string, object> {
  return Object.fromEntries(
    [...new Set(statuses)].map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
  );
}
