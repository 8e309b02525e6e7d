import { setTimeout as sleep } from 'node:timers/promises';
import { parsePosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import { InvalidQueryError, NotYetProjectedError } from './errors';
import type { HostedProjection } from './hosted-projection';

const POLL_MS = 20;
const MAX_POSITIONS = 1_000;

/**
 * Reads the value of `at-least`: positions separated by commas.
 * @throws InvalidPositionError, or InvalidQueryError for a topic that the projection does not read.
 */
export function parseAtLeast(text: string, topics: readonly string[]): Position[] {
  const parts = text.split(',');
  if (parts.length > MAX_POSITIONS)
    throw new InvalidQueryError('at-least', `at most ${MAX_POSITIONS} positions`);
  const positions = parts.map(parsePosition);
  if (positions.some(({ topic }) => !topics.includes(topic))) {
    throw new InvalidQueryError('at-least', `positions in ${topics.join(', ')}`);
  }
  return positions;
}

/**
 * Waits until the read model includes these records: a client reads its own writes by passing on the positions
 * that publishing returned.
 * @throws NotYetProjectedError, with where the model stands, when it does not within the time.
 */
export async function waitUntilProjected(
  projection: HostedProjection,
  positions: readonly Position[],
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await projection.includes(positions))) {
    if (performance.now() >= deadline) {
      const { positions: reached } = await projection.query((query) => query.list({ limit: 0 }));
      throw new NotYetProjectedError(projection.name, reached, timeoutMs);
    }
    await sleep(POLL_MS);
  }
}
