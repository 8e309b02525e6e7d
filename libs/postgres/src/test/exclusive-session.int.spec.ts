import { createTestDatabase, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { ExclusiveSession } from '../index';

describe('an exclusive session', () => {
  let database: TestDatabase;

  beforeAll(async () => (database = await createTestDatabase()));

  afterAll(() => database.drop());

  const open = (name: string) => ExclusiveSession.tryOpen(database.pool, name);
  const reopened = (name: string) => waitFor('the session to be free', () => open(name));

  it('is had by one of many who ask at once, under each name', async () => {
    const asked = await Promise.all([1, 2, 3, 4, 5].map(() => open('one')));
    const [mine, ...others] = asked.filter((each) => each !== undefined);
    expect(others).toEqual([]);
    const other = await open('another');
    expect(other).toBeDefined();
    other?.close();
    mine?.close();
    (await reopened('one')).close();
  });

  it('is free again when its connection was ended, and whoever had it knows and cannot write', async () => {
    const mine = await open('ended');
    expect(mine?.isLost).toBe(false);
    const { rows } = await mine!.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    const next = await reopened('ended');
    await waitFor('the loss to be noticed', () => mine?.isLost === true);
    await expect(mine!.client.query('SELECT 1')).rejects.toThrow();
    mine?.close();
    expect(next.isLost).toBe(false);
    expect(await open('ended')).toBeUndefined();
    next.close();
  });
});
