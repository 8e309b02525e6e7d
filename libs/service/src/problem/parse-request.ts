import { z } from 'zod';
import { InvalidRequestError } from './invalid-request-error';

/**
 * A request's body or query as its schema gives it. `expected` is the form of a whole request, for whoever sent another one;
 * the fields that do not fit are named behind it.
 * @throws InvalidRequestError
 */
export function parseRequest<Request>(schema: z.ZodType<Request>, given: unknown, expected: string): Request {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new InvalidRequestError(`${expected}; ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
}
