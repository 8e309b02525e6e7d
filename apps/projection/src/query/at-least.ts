import { parsePosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import { InvalidQueryError } from '../errors';

const MAX_POSITIONS = 1_000;

/** What a query has to include, and how long it waits for that at most. */
export interface AtLeast {
  readonly positions: readonly Position[];
  readonly waitMs: number;
}

/**
 * Reads `at-least`, positions separated by commas, and `wait-ms`.
 * @throws InvalidPositionError, or InvalidQueryError.
 */
export function parseAtLeast(
  { 'at-least': text, 'wait-ms': wait }: { readonly 'at-least'?: string; readonly 'wait-ms'?: string },
  maxWaitMs: number,
): AtLeast {
  if (text === undefined) {
    if (wait !== undefined) throw new InvalidQueryError('wait-ms', 'at-least beside it');
    return { positions: [], waitMs: 0 };
  }
  const parts = text.split(',');
  if (parts.length > MAX_POSITIONS)
    throw new InvalidQueryError('at-least', `at most ${MAX_POSITIONS} positions`);
  return { positions: parts.map(parsePosition), waitMs: parseWait(wait, maxWaitMs) };
}

function parseWait(text: string | undefined, maxWaitMs: number): number {
  if (text === undefined) return maxWaitMs;
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (waitMs <= maxWaitMs) return waitMs;
  throw new InvalidQueryError('wait-ms', `a whole number from 0 to ${maxWaitMs} (AT_LEAST_TIMEOUT_MS)`);
}

/** Whether these positions, as an answer gives them, include those records. */
export function includesAll(reached: readonly string[], wanted: readonly Position[]): boolean {
  if (wanted.length === 0) return true;
  const offsets = new Map(
    reached.map(parsePosition).map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]),
  );
  return wanted.every(
    ({ topic, partition, offset }) => (offsets.get(`${topic}/${partition}`) ?? -1n) >= offset,
  );
}
