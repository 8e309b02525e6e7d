import type { Transaction } from '@millrace/delivery';
import { ownDatabase } from './own-database';

/** A handler has met what a fault has put in its way. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError';
}

/**
 * Fails when there is a poison for this event, and counts that apart from any transaction, which is rolled back for it.
 * @throws PoisonError, or what the database answers
 */
export async function meetPoison(
  group: string,
  { id, key }: { readonly id: string; readonly key: string },
  ask: Transaction,
): Promise<void> {
  const { rows } = await ask.query<{ number: bigint; kind: string }>(
    `SELECT number, kind FROM faults.poison
      WHERE group_name = $1 AND (kind = 'down' OR (kind = 'key' AND key = $2)
            OR (kind = 'event' AND failures_left > 0 AND (event_id IS NULL OR event_id = $3)))
      ORDER BY number LIMIT 1`,
    [group, key, id],
  );
  const [found] = rows;
  if (found === undefined) return;
  const counted = await ownDatabase()
    .query(
      `UPDATE faults.poison
          SET met = met + 1, failures_left = failures_left - 1,
              event_id = CASE kind WHEN 'event' THEN $2 ELSE event_id END
        WHERE number = $1 AND (kind <> 'event' OR (failures_left > 0 AND (event_id IS NULL OR event_id = $2)))`,
      [found.number, id],
    )
    .catch(() => undefined);
  // Another event was faster, or it is healed.
  if (counted?.rowCount === 0) return;
  throw new PoisonError(`${group} is poisoned by ${found.kind} ${found.number}`);
}
