/**
 * A peer with the same promise as ours, that each effect happens once: a plain loop with a transaction for each record, which
 * holds the upsert and the position.
 */
import { Pool } from 'pg';
import { serveRounds } from '../../program';
import { Handled } from '../handled';
import { UPSERT } from '../upsert-sql';
import { CONCURRENCY, consume } from './consume';
import type { ConsumeInput } from './consume';
import { flightDecoder } from './flight-decoder';

interface TransactionsInput extends ConsumeInput {
  readonly databaseUrl: string;
}

const MOVE = `INSERT INTO bench.position (partition, next_offset) VALUES ($1, $2)
  ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset`;

await serveRounds(async (input: TransactionsInput) => {
  const decode = await flightDecoder(input.registryUrl);
  const pool = new Pool({ connectionString: input.databaseUrl });
  await pool.query(
    'CREATE TABLE bench.position (partition integer PRIMARY KEY, next_offset bigint NOT NULL)',
  );
  const handled = new Handled(input);
  return async () => {
    await consume(input, {
      autoCommit: false,
      partitionsConsumedConcurrently: CONCURRENCY,
      eachBatch: async (payload) => {
        const { batch } = payload;
        const client = await pool.connect();
        for (const { value, offset } of batch.messages) {
          if (value === null) continue;
          await client.query('BEGIN');
          await client.query(UPSERT, [decode(value)['flightId']]);
          await client.query(MOVE, [batch.partition, BigInt(offset) + 1n]);
          await client.query('COMMIT');
          handled.one();
          await payload.heartbeat();
        }
        client.release();
      },
    });
    return handled.whole();
  };
});
