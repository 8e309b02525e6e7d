import type { Logger } from '@millrace/contracts';
import type { Pool } from 'pg';
import { openDatabase } from '../database';

/**
 * A pool for queries alone, so that they take no connection from whoever writes. Its sessions can only read, and end a
 * statement that takes too long.
 */
export function openQueryDatabase(options: {
  readonly url: string;
  readonly applicationName: string;
  /** Queries that run at once. */
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly log: Logger;
}): Pool {
  return openDatabase({
    ...options,
    session: {
      default_transaction_read_only: 'on',
      // A list is a union whose parts run in turn; and no query may take more than one processor from those who fold.
      max_parallel_workers_per_gather: '0',
      // What an index serves is read in the order of the index, whatever the statistics of a young table say; what none
      // serves is sorted all the same.
      enable_bitmapscan: 'off',
      enable_sort: 'off',
      // Compiling a statement costs more than a page of rows.
      jit: 'off',
    },
  });
}
