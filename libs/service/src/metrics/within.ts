import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What the work resolves with; `undefined` when it fails or takes longer than this many milliseconds, and then it goes on
 * unheard. For a metric's source: what a process has counted itself is worth more than what a server that hangs might say.
 */
export async function within<Answer>(ms: number, work: Promise<Answer>): Promise<Answer | undefined> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } catch {
    return undefined;
  } finally {
    timer.abort();
  }
}
