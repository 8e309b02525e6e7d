import type { KeySample } from '@millrace/projecting';
import type { ClientBase } from 'pg';
import { inSampleSql } from '../replay/compare-builds';

/** Keys that two builds have parked, because events of them cannot be folded. */
export interface ParkedComparison {
  readonly live: number;
  readonly rebuilt: number;
  /** Parked on one side only, or behind another event, or with other events waiting. */
  readonly differing: number;
}

/**
 * Compares what two readers have parked, as the transaction sees it, of all keys or of a sample of them. `undefined` while
 * either folds a queue: it is on its way.
 */
export async function compareParked(
  tx: ClientBase,
  { live, rebuilt }: { readonly live: string; readonly rebuilt: string },
  sample?: KeySample,
): Promise<ParkedComparison | undefined> {
  if (await isDraining(tx, [live, rebuilt])) return undefined;
  // A fence is a letter and the bytes of the key.
  const isMeant = sample === undefined ? 'true' : inSampleSql(sample, 'substr(fence, 2)');
  const { rows } = await tx.query<{ live: number; rebuilt: number; differing: number }>(
    `WITH parked AS (
       SELECT reader, topic, partition, fence, min(record_offset) AS head, count(*) AS events
         FROM millrace.parked_record WHERE reader IN ($1, $2) AND ${isMeant}
        GROUP BY reader, topic, partition, fence)
     SELECT count(l.reader)::int AS live, count(r.reader)::int AS rebuilt,
            count(*) FILTER (WHERE l.head IS DISTINCT FROM r.head OR l.events IS DISTINCT FROM r.events)::int AS differing
       FROM (SELECT * FROM parked WHERE reader = $1) AS l
       FULL JOIN (SELECT * FROM parked WHERE reader = $2) AS r USING (topic, partition, fence)`,
    [live, rebuilt],
  );
  return rows[0] ?? { live: 0, rebuilt: 0, differing: 0 };
}

/** Whether any of these readers has a queue that its owner folds now, or is about to. */
export async function isDraining(tx: ClientBase, readers: readonly string[]): Promise<boolean> {
  const { rowCount } = await tx.query(
    "SELECT FROM millrace.key_fence WHERE reader = ANY($1) AND state = 'parked' LIMIT 1",
    [readers],
  );
  return rowCount === 1;
}
