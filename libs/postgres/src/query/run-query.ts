import { DatabaseError } from 'pg';
import type { Pool, QueryConfig } from 'pg';
import { classifyDatabaseFailure } from '../database-failure';
import { DatabaseUnavailableError, QueriesFullError, QueryTimeoutError, ValueRefusedError } from '../errors';

/** For each connection of the pool, so many queries may wait; a longer queue would only answer later. */
const WAITING_PER_CONNECTION = 50;
/** The statement took longer than the session's statement_timeout, or somebody cancelled it. */
const QUERY_CANCELED = '57014';
/** A text is no value of the type, or has a character that a text cannot have. */
const NO_VALUE: readonly unknown[] = ['22P02', '22007', '22008', '22021'];
/** pg-pool, when no connection became free in time; one that cannot be made at all fails in other words. */
const NONE_FREE = 'timeout exceeded when trying to connect';

/**
 * Runs one statement of a query. At most as many wait for a connection as can be answered in reasonable time.
 * @throws QueriesFullError, QueryTimeoutError, ValueRefusedError, DatabaseUnavailableError; what else the database refuses as it is.
 */
export async function runQuery<Result extends object>(
  pool: Pool,
  {
    what,
    statement,
  }: {
    readonly what: string;
    readonly statement: {
      readonly name?: string;
      readonly text: string;
      readonly values: readonly unknown[];
    };
  },
): Promise<Result[]> {
  if (pool.waitingCount >= WAITING_PER_CONNECTION * pool.options.max) throw new QueriesFullError(what);
  try {
    return (await pool.query<Result>(statement as QueryConfig)).rows;
  } catch (error) {
    if (error instanceof DatabaseError) {
      if (error.code === QUERY_CANCELED) throw new QueryTimeoutError(what, error);
      if (NO_VALUE.includes(error.code)) throw new ValueRefusedError(what, error);
    }
    if (error instanceof Error && error.message === NONE_FREE) throw new QueriesFullError(what, error);
    if (classifyDatabaseFailure(error) !== 'unavailable') throw error;
    throw new DatabaseUnavailableError(`projection ${what}`, error);
  }
}
