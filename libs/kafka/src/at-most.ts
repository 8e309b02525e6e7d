import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for work, and no longer than so many milliseconds. The work itself goes on. */
export async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const expired = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work, expired]);
  timer.abort();
}
