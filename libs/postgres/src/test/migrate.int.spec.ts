import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createTestDatabase, silentLogger, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { classifyDatabaseFailure, migrate, openDatabase, platformMigrations } from '../index';

describe('migrations', () => {
  let database: TestDatabase;
  let folder: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'millrace-migrations-'));
  });

  afterEach(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const write = (name: string, sql: string) => writeFile(join(folder, name), `-- Up Migration\n${sql}`);
  const own = () => ({ directory: pathToFileURL(`${folder}/`), schema: 'trial' });
  const run = () => migrate(database.pool, [own()], silentLogger);
  const tables = async () => {
    const rows = await database.query<{ table_name: string }>(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'trial' ORDER BY 1",
    );
    return rows.map((row) => row.table_name);
  };

  it('run once, however many services start together, and find nothing to do the next time', async () => {
    await write('0001_seat.sql', 'CREATE TABLE trial.seat (id int); INSERT INTO trial.seat VALUES (1);');
    const pools = Array.from({ length: 5 }, () =>
      openDatabase({ url: database.url, applicationName: 'specs', log: silentLogger }),
    );
    await Promise.all(pools.map((pool) => migrate(pool, [platformMigrations, own()], silentLogger)));
    await Promise.all(pools.map((pool) => pool.end()));
    await run();
    expect(await database.query('SELECT count(*) AS seats FROM trial.seat')).toEqual([{ seats: 1n }]);
    expect(await database.query('SELECT count(*) AS positions FROM millrace.position')).toEqual([
      { positions: 0n },
    ]);
  });

  it('of one folder are applied together or not at all, and the next start tries again', async () => {
    await write('0001_seat.sql', 'CREATE TABLE trial.seat (id int);');
    await write('0002_row.sql', 'CREATE TABLE trial.row (id nonsense);');
    await expect(run()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      retriable: false,
      message: expect.stringMatching(/schema trial could not be brought up to date.*nonsense/) as string,
    });
    expect(await tables()).toEqual(['migration']);
    await write('0002_row.sql', 'CREATE TABLE trial.row (id int);');
    await run();
    expect(await tables()).toEqual(['migration', 'row', 'seat']);
  });

  it('are refused when one has been slipped in before those that were applied', async () => {
    await write('0002_row.sql', 'CREATE TABLE trial.row (id int);');
    await run();
    await write('0001_seat.sql', 'CREATE TABLE trial.seat (id int);');
    await expect(run()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
  });

  it('leave a database alone that a newer version has migrated further', async () => {
    await write('0001_seat.sql', 'CREATE TABLE trial.seat (id int);');
    await write('0002_row.sql', 'CREATE TABLE trial.row (id int);');
    await run();
    await rm(join(folder, '0002_row.sql'));
    await expect(run()).resolves.toBeUndefined();
  });

  it('end with an error that can be waited out when their connection is cut under the runner', async () => {
    await database.query(`CREATE FUNCTION cut() RETURNS event_trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); END $$`);
    await database.query(
      "CREATE EVENT TRIGGER cut ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION cut()",
    );
    const error: unknown = await run().catch((failure: unknown) => failure);
    expect(classifyDatabaseFailure(error)).toBe('unavailable');
    await database.query('DROP EVENT TRIGGER cut');
    await run();
  });

  it('end with an error that can be waited out when their connection is cut while they wait for the lock', async () => {
    const holder = await database.pool.connect();
    await holder.query('SELECT pg_advisory_lock(7295114006)');
    const migrating = run().catch((error: unknown) => error);
    await waitFor('the migration to be cut', async () => {
      const cut = await database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()",
      );
      return cut.length === 1;
    });
    expect(await migrating).toMatchObject({ code: '57P01' });
    holder.release(true);
    await run();
  });
});
