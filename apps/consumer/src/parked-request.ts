import { parsePosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import type { ParkedFilter } from '@millrace/postgres';
import { InvalidRequestError, parseRequest } from '@millrace/service';
import { z } from 'zod';

const MAX_POSITIONS = 1_000;
const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 100;

const state = z.enum(['queued', 'dead']);
const place = z.string().transform((text, context) => {
  const position = positionIn(text);
  if (position !== undefined) return position;
  context.addIssue({ code: 'custom', message: 'expected topic/partition/offset' });
  return z.NEVER;
});

const decision = z.strictObject({
  state: state.optional(),
  key: z.string().max(1_024).optional(),
  positions: z.array(place).min(1).max(MAX_POSITIONS).optional(),
  all: z.literal(true).optional(),
});

const query = z.strictObject({
  state: state.optional(),
  key: z.string().max(1_024).optional(),
  after: place.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
});

const DECISION =
  '{"positions":["<topic>/<partition>/<offset>"],"key":"<key>","state":"queued" or "dead"}, each optional, or {"all":true}';
const QUERY = `state=queued or state=dead, key=<key>, after=<topic>/<partition>/<offset>, limit=1 to ${MAX_LIMIT}`;

/**
 * Which records a redrive or a discard means. Everything has to be asked for by name, so that nobody does it by leaving a
 * condition out.
 * @throws InvalidRequestError
 */
export function parseDecision(body: unknown): ParkedFilter {
  const { all, ...filter } = parseRequest(decision, body, DECISION);
  const isNarrow = filter.key !== undefined || filter.positions !== undefined;
  if (!isNarrow && all !== true) {
    throw new InvalidRequestError('"key" or "positions", or "all":true for every record of the group');
  }
  return withoutUndefined(filter);
}

/** Which page of the parked records is asked for. @throws InvalidRequestError */
export function parseParkedQuery(parameters: unknown): {
  readonly filter: ParkedFilter;
  readonly page: { readonly limit: number; readonly after?: Position };
} {
  const { after, limit, ...filter } = parseRequest(query, parameters, QUERY);
  return { filter: withoutUndefined(filter), page: { limit, ...(after === undefined ? {} : { after }) } };
}

function positionIn(text: string): Position | undefined {
  try {
    return parsePosition(text);
  } catch {
    return undefined;
  }
}

function withoutUndefined(filter: {
  readonly state?: 'queued' | 'dead' | undefined;
  readonly key?: string | undefined;
  readonly positions?: readonly Position[] | undefined;
}): ParkedFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
