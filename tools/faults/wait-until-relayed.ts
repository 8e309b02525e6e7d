import { setTimeout as sleep } from 'node:timers/promises';
import type { Patient } from './patient';

/** Waits until the log has all that was committed to the outbox, or the time is over; what is missing then is found missing. */
export async function waitUntilRelayed({ database }: Patient, until: number): Promise<void> {
  for (;;) {
    const behind = await database
      .query(
        `SELECT FROM millrace_outbox.event WHERE number > (SELECT position FROM millrace_outbox.relay) LIMIT 1`,
      )
      .catch(() => undefined);
    if (behind?.rowCount === 0 || Date.now() > until) return;
    await sleep(200);
  }
}
