/** A peer: a plain loop over a table of what failed, one transaction a record: the oldest, its upsert, and its removal. */
import { Pool } from 'pg';
import { serveRounds } from '../../program';
import { Handled } from '../handled';
import { UPSERT } from '../upsert-sql';
import { CONCURRENCY } from './consume';

interface LoopInput {
  readonly warmUp: number;
  readonly counted: number;
  readonly databaseUrl: string;
}

const OLDEST = 'SELECT id, flight_id FROM bench.parked WHERE part = $1 ORDER BY id LIMIT 1 FOR UPDATE';

await serveRounds(async (input: LoopInput) => {
  const pool = new Pool({ connectionString: input.databaseUrl });
  await pool.query(
    'CREATE TABLE bench.parked (part integer, id bigint, flight_id text, PRIMARY KEY (part, id))',
  );
  await pool.query(
    "INSERT INTO bench.parked SELECT id % $1, id, 'flight-' || id / 2 FROM generate_series(1, $2::bigint) AS id",
    [CONCURRENCY, input.warmUp + input.counted + CONCURRENCY],
  );
  const handled = new Handled(input);
  const drain = async (part: number): Promise<void> => {
    const client = await pool.connect();
    for (;;) {
      await client.query('BEGIN');
      const { rows } = await client.query<{ id: string; flight_id: string }>(OLDEST, [part]);
      const [row] = rows;
      if (row === undefined) break;
      await client.query(UPSERT, [row.flight_id]);
      await client.query('DELETE FROM bench.parked WHERE part = $1 AND id = $2', [part, row.id]);
      await client.query('COMMIT');
      handled.one();
    }
    await client.query('COMMIT');
    client.release();
  };
  return async () => {
    for (let part = 0; part < CONCURRENCY; part++) void drain(part);
    return handled.whole();
  };
});
