import { fileURLToPath } from 'node:url';
import type { Logger } from '@millrace/contracts';
import { runner } from 'node-pg-migrate';
import type { Pool, PoolClient } from 'pg';
import { classifyDatabaseFailure } from './database-failure';
import { MigrationFailedError } from './errors';

export interface Migrations {
  /** A folder of `NNNN_name.sql` files, run in the order of their names, each once. */
  readonly directory: URL;
  /** The schema that the tables go to; it is made when it is not there. */
  readonly schema: string;
}

/** The platform's own tables. */
export const platformMigrations: Migrations = {
  directory: new URL('./migrations/', import.meta.url),
  schema: 'millrace',
};

/** Any number, as long as everybody takes the same: it names the lock in the database. */
const MIGRATION_LOCK = 7_295_114_006;

/**
 * Brings the database up to date, under a lock: services that start together wait for the first of them, and
 * then find nothing to do. All of a folder's pending migrations commit together or not at all.
 * @throws MigrationFailedError when one fails, or the database's own error while it cannot be reached.
 */
export async function migrate(pool: Pool, migrations: readonly Migrations[], log: Logger): Promise<void> {
  const client = await pool.connect();
  // The pool speaks only of connections that are idle.
  client.on('error', (error) => log.warn({ error: error.message }, 'the connection that migrates was lost'));
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    for (const folder of migrations) {
      for (const name of await runFolder(client, folder)) {
        log.info({ schema: folder.schema, migration: name }, 'database migrated');
      }
    }
  } catch (error) {
    // The runner makes errors of its own of whatever it meets; a lost connection says nothing about the migration.
    const lost = await client.query('SELECT 1').then(
      () => undefined,
      (failure: unknown) => failure,
    );
    const isLost = classifyDatabaseFailure(lost) === 'unavailable';
    throw isLost && classifyDatabaseFailure(error) !== 'unavailable' ? lost : error;
  } finally {
    // The runner changed the session's search_path; ending the session releases the lock too.
    client.release(true);
  }
}

async function runFolder(client: PoolClient, { directory, schema }: Migrations): Promise<string[]> {
  try {
    const done = await runner({
      dbClient: client,
      dir: `${fileURLToPath(directory)}*.sql`,
      useGlob: true,
      direction: 'up',
      singleTransaction: true,
      schema,
      createSchema: true,
      migrationsSchema: schema,
      createMigrationsSchema: true,
      migrationsTable: 'migration',
      noLock: true,
      log: () => undefined,
    });
    return done.map(({ name }) => name);
  } catch (error) {
    if (classifyDatabaseFailure(error) === 'unavailable') throw error;
    throw new MigrationFailedError(schema, error);
  }
}
