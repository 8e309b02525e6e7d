import type { Pool, PoolClient } from 'pg';
import { classifyDatabaseFailure } from './database-failure';
import { TransactionRolledBackError } from './errors';

/**
 * Runs `work` in one transaction on a connection that the caller holds: committed when it resolves, rolled back when it
 * throws. A rollback that fails leaves a connection that is lost.
 * @throws TransactionRolledBackError when a statement failed and `work` resolved all the same.
 */
export async function runTransaction<Result>(
  client: PoolClient,
  work: (client: PoolClient) => Promise<Result>,
  begin = 'BEGIN',
): Promise<Result> {
  try {
    await client.query(begin);
    const result = await work(client);
    const { command } = await client.query('COMMIT');
    // PostgreSQL answers the COMMIT of a failed transaction with a ROLLBACK, and calls that a success.
    if (command !== 'COMMIT') throw new TransactionRolledBackError();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * Runs `work` in one transaction on a connection of the pool; one that failed is closed instead of going back.
 * @throws the loss of the connection, whatever `work` has made of it; otherwise as `runTransaction` does
 */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
  begin = 'BEGIN',
): Promise<Result> {
  const client = await pool.connect();
  // One that was lost must not go back to the pool.
  let lost: Error | undefined;
  const onError = (error: Error) => (lost = error);
  client.on('error', onError);
  try {
    return await runTransaction(client, work, begin);
  } catch (error) {
    // A connection that no longer answers is not given to the next one.
    await client.query('SELECT 1').catch((failure: unknown) => (lost ??= failure as Error));
    // A handler may say it in words of its own: that its record failed would be wrong.
    throw classifyDatabaseFailure(lost) === 'unavailable' ? lost : error;
  } finally {
    client.off('error', onError);
    client.release(lost);
  }
}
