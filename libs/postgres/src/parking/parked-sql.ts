import { escapeLiteral } from 'pg';

/** That rows of `record` and `fence` belong together. */
const BEHIND =
  'record.reader = fence.reader AND record.topic = fence.topic AND record.partition = fence.partition AND record.fence = fence.fence';

/** The first record behind `fence`, which is the one that failed last, as `head`; and how many there are, as `behind`. */
export const HEAD_OF_FENCE = `
  JOIN LATERAL (SELECT record_offset, key, error_name, error_message FROM millrace.parked_record AS record
                 WHERE ${BEHIND} ORDER BY record_offset LIMIT 1) AS head ON true
  JOIN LATERAL (SELECT count(*)::int AS events FROM millrace.parked_record AS record WHERE ${BEHIND}) AS behind ON true`;

/** The fence of a key that is the text of an SQL expression, as `fenceOf` names it. */
export function fenceSql(key: string): string {
  return `convert_to('k' || ${key}, 'UTF8')`;
}

/** A timestamp as ISO 8601 text in UTC. */
export function isoSql(timestamp: string): string {
  return `to_char(${timestamp} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** What is known of a parked key, as JSON; NULL for one that flows. `reader` and `key` are SQL expressions. */
export function parkedSql(reader: string, key: string): string {
  return `(SELECT jsonb_build_object('since', ${isoSql('fence.fenced_at')}, 'reason', coalesce(head.error_message, ''),
             'position', fence.topic || '/' || fence.partition || '/' || head.record_offset, 'events', behind.events)
        FROM millrace.key_fence AS fence ${HEAD_OF_FENCE}
       WHERE fence.reader = ${reader} AND fence.fence = ${fenceSql(key)} ORDER BY fence.fenced_at LIMIT 1)`;
}

/** Since when a key is parked; NULL for one that flows. `key` is an SQL expression. */
export function parkedAtSql(reader: string, key: string): string {
  return (
    `(SELECT min(fence.fenced_at) FROM millrace.key_fence AS fence ` +
    `WHERE fence.reader = ${escapeLiteral(reader)} AND fence.fence = ${fenceSql(key)})`
  );
}
