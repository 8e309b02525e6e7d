import { openDatabase } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';

const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

let pool: Database | undefined;

/** A few connections of the handlers' own, which no transaction of the platform has anything to do with. */
export function ownDatabase(): Database {
  const url = process.env['DATABASE_URL'] ?? '';
  return (pool ??= openDatabase({ url, applicationName: 'faults-handlers', poolSize: 6, log: silent }));
}

/** Closes them; one that does not answer is left to the end of the process. */
export function closeOwnDatabase(): void {
  pool?.end().catch(nothing);
  pool = undefined;
}

function nothing(): void {
  // On purpose.
}
