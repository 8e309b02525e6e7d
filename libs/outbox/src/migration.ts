import { readFileSync } from 'node:fs';

/** The outbox's tables: for a migration tool that takes a folder of SQL files, in the order of their names, and a schema. */
export const outboxMigrations = {
  directory: new URL('./migrations/', import.meta.url),
  schema: 'millrace_outbox',
} as const;

/** The SQL that makes the outbox in a service's database, for any other migration tool; to be run once, in a transaction. */
export function outboxMigrationSql(): string {
  return readFileSync(new URL('0001_outbox.sql', outboxMigrations.directory), 'utf8');
}
