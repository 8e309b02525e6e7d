import { migrate, openDatabase, platformMigrations } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import { serversUnderTest } from './servers-under-test';
import { silentLogger } from './silent-logger';
import { uniqueName } from './unique-name';

/** A database that belongs to one test file, empty at first. */
export interface TestDatabase {
  readonly url: string;
  readonly pool: Database;
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Removes it, whoever is connected to it. */
  drop(): Promise<void>;
}

/** A language's order, as most databases in use have it, shows whatever relies on the order of code points. */
const LANGUAGE_ORDER = `LOCALE_PROVIDER icu ICU_LOCALE 'en-US'`;

/**
 * Makes a database of its own on the server under test, or on the one that is given; texts come in the order of a language
 * there, unless it is to be as the server makes its databases.
 */
export async function createTestDatabase(
  serverUrl: string = serversUnderTest().databaseUrl,
  { order = 'language' }: { readonly order?: 'language' | 'server' } = {},
): Promise<TestDatabase> {
  const name = uniqueName('specs').replace('-', '_');
  const locale = order === 'language' ? LANGUAGE_ORDER : '';
  await onServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0 ${locale}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  const pool = openDatabase({ url: url.href, applicationName: 'specs', log: silentLogger });
  return {
    url: url.href,
    pool,
    query: async <Row extends object>(text: string, values?: unknown[]) =>
      (await pool.query<Row>(text, values)).rows,
    drop: async () => {
      await pool.end();
      await onServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** The same with the platform's own tables in it. */
export async function createPlatformDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await migrate(database.pool, [platformMigrations], silentLogger);
  return database;
}

async function onServer(url: string, statement: string): Promise<void> {
  const pool = openDatabase({ url, applicationName: 'specs', poolSize: 1, log: silentLogger });
  try {
    await pool.query(statement);
  } finally {
    await pool.end();
  }
}
