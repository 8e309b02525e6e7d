import { parsePosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import type { PoisonFilter } from '@millrace/postgres';
import { InvalidRequestError, parseRequest } from '@millrace/service';
import { z } from 'zod';

const MAX_POSITIONS = 1_000;
const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 100;
const MAX_REASON = 500;

const place = z.string().transform((text, context) => {
  try {
    return parsePosition(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected topic/partition/offset' });
    return z.NEVER;
  }
});
const retry = z.strictObject({
  key: z.string().max(1_024).optional(),
  positions: z.array(place).min(1).max(MAX_POSITIONS).optional(),
  all: z.literal(true).optional(),
});
const skip = z.strictObject({ position: place, reason: z.string().trim().min(1).max(MAX_REASON) });
const query = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,9}\/.+/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
});

const RETRY = 'one of {"key":"<key>"}, {"positions":["<topic>/<partition>/<offset>"]} or {"all":true}';
const SKIP = '{"position":"<topic>/<partition>/<offset>","reason":"<why the projection goes on without it>"}';
const QUERY = `after=<next of the page before>, limit=1 to ${MAX_LIMIT}`;

/** Which events are to be tried again: named, so that nobody means all by leaving something out. @throws InvalidRequestError */
export function parseRetry(body: unknown): PoisonFilter {
  const { key, positions, all } = parseRequest(retry, body, RETRY);
  const asked: PoisonFilter[] = [
    ...(key === undefined ? [] : [{ key }]),
    ...(positions === undefined ? [] : [{ positions }]),
    ...(all === undefined ? [] : [{ all }]),
  ];
  const [only, more] = asked;
  if (only === undefined || more !== undefined) throw new InvalidRequestError(RETRY);
  return only;
}

/** Which event is to be skipped, and why. @throws InvalidRequestError */
export function parseSkip(body: unknown): { readonly position: Position; readonly reason: string } {
  return parseRequest(skip, body, SKIP);
}

/** Which page is asked for; `after` is a build's number and a position. @throws InvalidRequestError */
export function parsePage(parameters: unknown): {
  readonly limit: number;
  readonly after?: Position & { readonly build: number };
} {
  const { after, limit } = parseRequest(query, parameters, QUERY);
  if (after === undefined) return { limit };
  const [build = '', ...rest] = after.split('/');
  try {
    return { limit, after: { build: Number(build), ...parsePosition(rest.join('/')) } };
  } catch {
    throw new InvalidRequestError(QUERY);
  }
}
