import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * Asks until it is answered, for whoever is asked may be away; `deadline` is in `performance.now()` time.
 * @throws what it was told last, once the time is over
 */
export async function insistently<Answer>(ask: () => Promise<Answer>, deadline: number): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(POLL_MS);
    }
  }
}
