import { defineEntity } from '@millrace/projecting';
import { createPlatformDatabase, uniqueName } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import type { PoolClient } from 'pg';
import { ProjectionQuery, swapBuilds } from '../index';
import { beginRebuild } from './trial-builds';
import { Counted, everyColumn } from './trial-projections';

/** The second version of a projection, of which hardly anything is as it was. */
const narrow = (name: string) =>
  defineEntity({
    name,
    version: 2,
    key: 'thingId',
    columns: { aText: 'bigint' },
    folds: (fold) => [fold(Counted, (state) => state)],
  });

describe('a swap to another layout', () => {
  let database: TestDatabase;
  let session: PoolClient;
  const role = uniqueName('reader').replaceAll('-', '_');
  const granter = uniqueName('granter').replaceAll('-', '_');

  beforeAll(async () => {
    database = await createPlatformDatabase();
    await database.query(`CREATE ROLE ${role}`);
    await database.query(`CREATE ROLE ${granter}`);
    session = await database.pool.connect();
  });

  afterAll(async () => {
    session.release();
    await database.query(`DROP OWNED BY ${role}, ${granter}`);
    await database.query(`DROP ROLE ${role}, ${granter}`);
    await database.drop();
  });

  const granted = async (view: string) =>
    (
      await database.query(
        `SELECT has_table_privilege('${role}', $1, 'SELECT') AS reads, has_table_privilege('${role}', $1, 'INSERT') AS writes,
                has_table_privilege('${role}', $1, 'SELECT WITH GRANT OPTION') AS passes_on,
                has_table_privilege('${granter}', $1, 'SELECT WITH GRANT OPTION') AS granter_passes_on,
                has_column_privilege('${role}', $1, 'thing_id', 'UPDATE') AS writes_key,
                has_column_privilege('${role}', $1, 'a_text', 'UPDATE') AS writes_text`,
        [view],
      )
    )[0];

  it('shows the other columns, and whoever was granted something has it as before', async () => {
    const { live, rebuilt } = await beginRebuild(database.pool, everyColumn('granted'), narrow('granted'));
    await database.query(`GRANT SELECT ON read_model.granted TO ${role}`);
    await database.query(`GRANT SELECT ON read_model.granted TO ${granter} WITH GRANT OPTION`);
    await database.query(`GRANT UPDATE (thing_id, a_double) ON read_model.granted TO ${role}`);
    const before = await granted('read_model.granted');
    expect(before).toEqual({
      reads: true,
      writes: false,
      passes_on: false,
      granter_passes_on: true,
      writes_key: true,
      writes_text: false,
    });
    const outcome = await swapBuilds(session, { from: live, to: rebuilt, expected: 'building' });
    expect(outcome).toMatchObject({ kind: 'swapped' });
    expect(await granted('read_model.granted')).toEqual(before);
    await database.query('INSERT INTO read_model.granted_v2_b2 VALUES ($1, 7)', ['x']);
    const { rows } = await new ProjectionQuery(database.pool, narrow('granted')).byKey('x');
    expect(rows).toEqual([{ thingId: 'x', aText: 7n }]);
    await expect(new ProjectionQuery(database.pool, everyColumn('granted')).byKey('x')).rejects.toMatchObject(
      { code: 'LIVE_VERSION' },
    );
  });

  it('is blocked by a view of somebody else on it, which it names, and goes on when that is gone', async () => {
    const { live, rebuilt } = await beginRebuild(database.pool, everyColumn('watched'), narrow('watched'));
    const swap = () => swapBuilds(session, { from: live, to: rebuilt, expected: 'building' });
    await database.query('CREATE VIEW somebodys AS SELECT a_text FROM read_model.watched');
    expect(await swap()).toEqual({
      kind: 'blocked',
      reason: expect.stringContaining('view somebodys depends on view read_model.watched') as string,
    });
    const { build } = await new ProjectionQuery(database.pool, everyColumn('watched')).byKey('x');
    expect(build).toEqual(live.build);
    await database.query('DROP VIEW somebodys');
    expect(await swap()).toMatchObject({ kind: 'swapped' });
  });

  it('is not needed, and nothing blocks it, when both versions have the same columns', async () => {
    const { live, rebuilt } = await beginRebuild(
      database.pool,
      everyColumn('alike'),
      everyColumn('alike', 2),
    );
    await database.query('CREATE VIEW somebody_elses AS SELECT a_text FROM read_model.alike');
    await database.query("INSERT INTO read_model.alike_v2_b2 (thing_id, a_text) VALUES ('x', 'second')");
    expect(await swapBuilds(session, { from: live, to: rebuilt, expected: 'building' })).toMatchObject({
      kind: 'swapped',
    });
    expect(await database.query('SELECT * FROM somebody_elses')).toEqual([{ a_text: 'second' }]);
  });
});
