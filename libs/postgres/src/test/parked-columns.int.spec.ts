import { createPlatformDatabase, silentLogger, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { ParkedColumns, prepareProjection } from '../index';
import { showParked } from '../parked-columns';
import { everyColumn, everyMerge, firstBuild } from './trial-projections';

describe('the view of an entity', () => {
  let database: TestDatabase;
  let names = 0;

  beforeAll(async () => {
    database = await createPlatformDatabase();
  });

  afterAll(() => database.drop());

  /** A view as the version before made it, with a right and a view of somebody's own on it. */
  async function oldView() {
    const projection = everyColumn(`viewed${(names += 1)}`);
    await prepareProjection(database.pool, projection);
    const view = `read_model.${projection.name}`;
    const columns =
      'thing_id, a_text, an_integer, a_bigint, a_double, a_decimal, a_boolean, a_timestamp, a_date, a_json';
    await database.pool.query(
      `DROP VIEW ${view}; CREATE VIEW ${view} AS SELECT ${columns} FROM ${view}_v1; GRANT SELECT ON ${view} TO PUBLIC;
       CREATE VIEW own_${projection.name} AS SELECT * FROM ${view}`,
    );
    return { live: { build: firstBuild(projection), shape: projection }, view };
  }

  const columnsOf = async (view: string) =>
    (await database.pool.query(`SELECT * FROM ${view} LIMIT 0`)).fields.map(({ name }) => name);

  it('gets its column when it was made without one, keeping rights and what others made on it', async () => {
    const { live, view } = await oldView();
    expect(await columnsOf(view)).not.toContain('millrace_parked_at');
    const columns = new ParkedColumns(database.pool, silentLogger);
    columns.keep(live);
    await waitFor('the column', async () => (await columnsOf(view)).at(-1) === 'millrace_parked_at', 5_000);
    await columns.stop();
    const [acl] = await database.query<{ granted: boolean }>(
      `SELECT has_table_privilege('public', '${view}', 'SELECT') AS granted`,
    );
    expect(acl).toEqual({ granted: true });
    expect(await columnsOf(`own_${live.shape.name}`)).toContain('a_json');
  });

  it('waits for a reader that reads it for long, and keeps no other reader waiting', async () => {
    const { live, view } = await oldView();
    const reader = await database.pool.connect();
    await reader.query(`BEGIN; SELECT * FROM ${view}`);
    expect(await showParked(database.pool, live)).toBe(false);
    expect(await columnsOf(view)).not.toContain('millrace_parked_at');
    await reader.query('COMMIT');
    reader.release();
    expect(await showParked(database.pool, live)).toBe(true);
    expect(await columnsOf(view)).toContain('millrace_parked_at');
  });

  it('of another build than the live one is left alone', async () => {
    const { live, view } = await oldView();
    const other = { ...live, build: { ...live.build, build: 2 } };
    expect(await showParked(database.pool, other)).toBe(true);
    expect(await columnsOf(view)).not.toContain('millrace_parked_at');
  });

  it('of an aggregate has no such column: nothing of it is parked', async () => {
    const projection = everyMerge(`merged${(names += 1)}`);
    await prepareProjection(database.pool, projection);
    expect(await columnsOf(`read_model.${projection.name}`)).not.toContain('millrace_parked_at');
  });
});
