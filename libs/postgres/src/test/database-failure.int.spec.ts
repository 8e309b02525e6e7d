import { freePort } from '@millrace/stack';
import { createTestDatabase, silentLogger, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { inTransaction } from '../in-transaction';
import { classifyDatabaseFailure, isRefusedByDatabase, openDatabase } from '../index';

describe('a failure of the database', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.query('CREATE TABLE seat (id int PRIMARY KEY, taken int NOT NULL DEFAULT 0)');
    await database.query('INSERT INTO seat VALUES (1), (2)');
  });

  afterAll(() => database.drop());

  async function failureOf(work: Promise<unknown>): Promise<unknown> {
    return work.then(
      () => 'no failure',
      (error: unknown) => error,
    );
  }

  it('is unavailability when the backend is killed in the middle of a statement', async () => {
    const failing = failureOf(inTransaction(database.pool, (client) => client.query('SELECT pg_sleep(60)')));
    await waitFor('the statement to be killed', async () => {
      const killed = await database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()",
      );
      return killed.length > 0;
    });
    const error = await failing;
    expect(classifyDatabaseFailure(error)).toBe('unavailable');
    expect(isRefusedByDatabase(error)).toBe(false);
  });

  it.each([
    ['as it is', (error: unknown) => error],
    ['in words of its own', () => new Error('of a handler')],
  ])(
    'is unavailability when the backend is killed between two statements, and the work says so %s',
    async (_how, said) => {
      const failing = failureOf(
        inTransaction(database.pool, async (client) => {
          const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
          await database.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
          await waitFor('the backend to be gone', async () => {
            const left = await database.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [
              rows[0]!.pid,
            ]);
            return left.length === 0;
          });
          await client.query('SELECT 1').catch((error: unknown) => {
            throw said(error);
          });
        }),
      );
      expect(classifyDatabaseFailure(await failing)).toBe('unavailable');
      // The dead connection did not go back to the pool.
      await expect(inTransaction(database.pool, (client) => client.query('SELECT 1'))).resolves.toBeDefined();
    },
  );

  it('is unavailability when a session sat idle in its transaction for too long', async () => {
    const impatient = openDatabase({
      url: database.url,
      applicationName: 'specs',
      idleInTransactionMs: 50,
      log: silentLogger,
    });
    const failing = failureOf(
      inTransaction(impatient, async (client) => {
        await client.query('SELECT 1');
        await new Promise((resolve) => client.once('error', resolve));
        await client.query('SELECT 1');
      }),
    );
    expect(classifyDatabaseFailure(await failing)).toBe('unavailable');
    await impatient.end();
  });

  it('is unavailability when nothing listens, or the server takes no more connections', async () => {
    const url = new URL(database.url);
    url.port = String(await freePort());
    const nobody = openDatabase({ url: url.href, applicationName: 'specs', log: silentLogger });
    expect(classifyDatabaseFailure(await failureOf(nobody.query('SELECT 1')))).toBe('unavailable');
    await nobody.end();
    const full = await failureOf(
      database.query("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53300'; END $$"),
    );
    expect(classifyDatabaseFailure(full)).toBe('unavailable');
  });

  it('is a conflict when two transactions lock the same rows in another order', async () => {
    const reached = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()] as const;
    const lockBoth = (first: 0 | 1) =>
      inTransaction(database.pool, async (client) => {
        await client.query('UPDATE seat SET taken = taken + 1 WHERE id = $1', [first + 1]);
        reached[first].resolve(undefined);
        await reached[1 - first]?.promise;
        await client.query('UPDATE seat SET taken = taken + 1 WHERE id = $1', [2 - first]);
      });
    const outcomes = await Promise.allSettled([lockBoth(0), lockBoth(1)]);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failed.map(({ reason }) => classifyDatabaseFailure(reason))).toEqual(['conflict']);
  });

  it('is a conflict when a transaction cannot be serialised', async () => {
    const read = Promise.withResolvers<undefined>();
    const written = Promise.withResolvers<undefined>();
    const failing = failureOf(
      inTransaction(
        database.pool,
        async (client) => {
          await client.query('SELECT taken FROM seat WHERE id = 1');
          read.resolve(undefined);
          await written.promise;
          await client.query('UPDATE seat SET taken = 9 WHERE id = 1');
        },
        'BEGIN ISOLATION LEVEL REPEATABLE READ',
      ),
    );
    await read.promise;
    await database.query('UPDATE seat SET taken = 8 WHERE id = 1');
    written.resolve(undefined);
    expect(classifyDatabaseFailure(await failing)).toBe('conflict');
  });

  it('is neither when the work itself is wrong, and then waiting changes nothing', async () => {
    const error = await failureOf(database.query('INSERT INTO seat VALUES (1)'));
    expect(classifyDatabaseFailure(error)).toBe('other');
    expect(isRefusedByDatabase(error)).toBe(true);
    expect(classifyDatabaseFailure(new Error('of a handler'))).toBe('other');
    expect(isRefusedByDatabase(new Error('of a handler'))).toBe(false);
  });
});
