import { fileURLToPath } from 'node:url';
import type { Logger } from '@millrace/contracts';
import { runner } from 'node-pg-migrate';
import type { Pool } from 'pg';

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
 * @throws the database's error, with the migration's name, when one fails.
 */
export async function migrate(pool: Pool, migrations: readonly Migrations[], log: Logger): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    for (const { directory, schema } of migrations) {
      const done = await runner({
        dbClient: client,
        dir: `${fileURLToPath(directory)}*.sql`,
        useGlob: true,
        direction: 'up',
        schema,
        createSchema: true,
        migrationsSchema: schema,
        createMigrationsSchema: true,
        migrationsTable: 'migration',
        noLock: true,
        log: () => undefined,
      });
      for (const { name } of done) log.info({ schema, migration: name }, 'database migrated');
    }
  } finally {
    // The runner changed the session's search_path; ending the session releases the lock too.
    client.release(true);
  }
}
