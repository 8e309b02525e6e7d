import { FlightLanded } from '@millrace/contracts';
import type { Database } from '@millrace/postgres';
import type { AsideRecord, Call } from '../evidence';

/** The calls of the group `outside`, in the order in which they arrived. */
export async function readCalls(database: Database): Promise<Call[]> {
  const { rows } = await database.query<Omit<Call, 'atMs'> & { readonly at: Date }>(
    `SELECT number, event_id AS id, key, seq, idempotency_key AS "idempotencyKey", fencing_token AS "fencingToken",
            attempt, topic, partition, record_offset AS "offset", at
       FROM outside.call ORDER BY number`,
  );
  return rows.map(({ at, ...call }) => ({ ...call, atMs: at.getTime() }));
}

interface AsideRow extends Omit<AsideRecord, 'id'> {
  readonly state: 'queued' | 'dead';
  readonly headers: readonly (readonly [name: string, base64: string | null])[];
}

/** What the groups have set aside of the ledger's topic. */
export async function readAsides(
  database: Database,
): Promise<{ readonly parked: AsideRecord[]; readonly dead: AsideRecord[] }> {
  const { rows } = await database.query<AsideRow>(
    `SELECT reader, topic, partition, record_offset AS "offset", state, headers, error_message AS failure
       FROM millrace.parked_record WHERE topic = $1 ORDER BY reader, partition, record_offset`,
    [FlightLanded.topic],
  );
  const of = (wanted: AsideRow['state']) =>
    rows
      .filter(({ state }) => state === wanted)
      .map(({ headers, state: _state, ...row }) => ({ ...row, id: idIn(headers) }));
  return { parked: of('queued'), dead: of('dead') };
}

/** How many records wait in the queues of each partition, as `reader/partition`. */
export async function countQueued(database: Database): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await database.query<{ place: string; queued: bigint }>(
    `SELECT reader || '/' || partition AS place, count(*) AS queued FROM millrace.parked_record
      WHERE topic = $1 AND state = 'queued' GROUP BY reader, partition`,
    [FlightLanded.topic],
  );
  return new Map(rows.map(({ place, queued }) => [place, queued]));
}

function idIn(headers: AsideRow['headers']): string | null {
  const found = headers.find(([name]) => name === 'ce_id')?.[1];
  return found === undefined || found === null ? null : Buffer.from(found, 'base64').toString();
}
