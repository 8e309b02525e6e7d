/**
 * A peer: what somebody would write who has read models to rebuild and time to tune. kafkajs's own `eachBatch`, three partitions at
 * once; a batch is folded in memory, written with one statement over arrays, and the offset is stored in the same transaction.
 */
import type { Batch } from 'kafkajs';
import { Pool } from 'pg';
import { CONCURRENCY, consume } from '../../deliver/programs/consume';
import { flightDecoder } from '../../deliver/programs/flight-decoder';
import { serveRounds } from '../../program';
import { tunedModels } from '../hand-tuned/tuned-models';

export interface HandTunedInput {
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly databaseUrl: string;
  readonly model: 'flight' | 'airport';
  /** In the log. */
  readonly events: number;
  /** Whether commits are waited for until they are on disk. */
  readonly waitForDisk: boolean;
}

const CREATE_POSITION =
  'CREATE TABLE bench.position (partition integer PRIMARY KEY, next_offset bigint NOT NULL)';
const MOVE = `INSERT INTO bench.position (partition, next_offset) VALUES ($1, $2)
  ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset`;

await serveRounds(async (input: HandTunedInput) => {
  const decode = await flightDecoder(input.registryUrl);
  const model = tunedModels[input.model];
  const pool = new Pool({
    connectionString: input.databaseUrl,
    max: CONCURRENCY,
    ...(input.waitForDisk ? {} : { options: '-c synchronous_commit=off' }),
  });
  await pool.query(`CREATE SCHEMA bench; ${model.createTable}; ${CREATE_POSITION}`);

  const write = async (batch: Batch): Promise<void> => {
    const { partition, messages } = batch;
    const columns = model.fold(
      messages.flatMap(({ value }) => (value === null ? [] : [decode(value)])),
      partition,
    );
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(model.upsert, columns);
    await client.query(MOVE, [partition, BigInt(batch.lastOffset()) + 1n]);
    await client.query('COMMIT');
    client.release();
  };

  return async () => {
    const done = Promise.withResolvers<number>();
    const startedAt = performance.now();
    const startedCpu = process.cpuUsage();
    let folded = 0;
    const leave = await consume(input, {
      autoCommit: false,
      partitionsConsumedConcurrently: CONCURRENCY,
      eachBatch: async ({ batch }) => {
        await write(batch).catch(done.reject);
        folded += batch.messages.length;
        if (folded === input.events) done.resolve(performance.now());
      },
    });
    const seconds = ((await done.promise) - startedAt) / 1_000;
    const { user, system } = process.cpuUsage(startedCpu);
    await leave();
    return { rate: input.events / seconds, cpu: (user + system) / input.events };
  };
});
