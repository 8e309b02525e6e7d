import { createTestDatabase, silentLogger, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { IndexKeeper, migrate, platformMigrations, prepareProjection } from '../index';
import { inTransaction } from '../in-transaction';
import { everyColumn, firstBuild } from './trial-projections';

const CREATING = "query LIKE 'CREATE INDEX%' AND state = 'active' AND datname = current_database()";

describe('the indexes of a build', () => {
  let database: TestDatabase;
  const keepers: IndexKeeper[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.pool, [platformMigrations], silentLogger);
  });
  afterEach(() => Promise.all(keepers.splice(0).map((keeper) => keeper.stop())));
  afterAll(() => database.drop());

  const thing = (name: string, indexes: readonly (readonly string[])[]) => {
    const shape = everyColumn(name, 1, indexes);
    return { shape, build: firstBuild(shape) };
  };
  const keeper = () => {
    const made = new IndexKeeper(database.pool, silentLogger);
    keepers.push(made);
    return made;
  };
  const keep = (of: ReturnType<typeof thing>, by = keeper()) =>
    waitFor('its indexes to be as declared', () => by.keep(of));

  /** The columns of each index beside the primary key, and whether it can be used. */
  async function indexesOf(table: string): Promise<string[]> {
    const rows = await database.query<{ columns: string; valid: boolean }>(
      `SELECT indisvalid AS valid, substring(pg_get_indexdef(indexrelid) FROM '\\(.*') AS columns
         FROM pg_index WHERE indrelid = $1::regclass AND NOT indisprimary`,
      [`read_model.${table}`],
    );
    return rows.map(({ columns, valid }) => `${columns}${valid ? '' : ' invalid'}`).sort();
  }

  it('are there with a new table, each with the key behind its columns', async () => {
    const { shape } = thing('fresh', [['aText', 'aTimestamp'], ['aDecimal']]);
    await prepareProjection(database.pool, shape);
    expect(await indexesOf('fresh_v1')).toEqual(['(a_decimal, thing_id)', '(a_text, a_timestamp, thing_id)']);
  });

  it('become the declared ones when the set changes under one version, and those of users stay', async () => {
    await prepareProjection(database.pool, thing('changed', [['aText'], ['aDate']]).shape);
    await database.query('CREATE INDEX by_hand ON read_model.changed_v1 (a_boolean)');
    const changed = thing('changed', [['aDate'], ['aDate', 'aText']]);
    await prepareProjection(database.pool, changed.shape);
    await keep(changed);
    expect(await indexesOf('changed_v1')).toEqual([
      '(a_boolean)',
      '(a_date, a_text, thing_id)',
      '(a_date, thing_id)',
    ]);
    await keep(thing('changed', []));
    expect(await indexesOf('changed_v1')).toEqual(['(a_boolean)']);
  });

  it('are made by one of several processes', async () => {
    await prepareProjection(database.pool, thing('several', []).shape);
    const wanted = thing('several', [['aText'], ['aBigint']]);
    const all = [keeper(), keeper(), keeper()];
    await waitFor('all to see them', () => all.map((each) => each.keep(wanted)).every(Boolean));
    expect(await indexesOf('several_v1')).toEqual(['(a_bigint, thing_id)', '(a_text, thing_id)']);
  });

  it('are made while the table is written, and again after whoever made one was killed in the middle', async () => {
    const wanted = thing('killed', [['aText']]);
    await prepareProjection(database.pool, thing('killed', []).shape);
    const first = keeper();
    await inTransaction(database.pool, async (tx) => {
      await tx.query("INSERT INTO read_model.killed_v1 (thing_id) VALUES ('under way')");
      expect(first.keep(wanted)).toBe(false);
      // It waits for this transaction, and nobody waits for it.
      await waitFor('the index to be begun', async () => (await indexesOf('killed_v1')).length === 1);
      expect(await indexesOf('killed_v1')).toEqual(['(a_text, thing_id) invalid']);
      await database.query("INSERT INTO read_model.killed_v1 (thing_id) VALUES ('meanwhile')");
      await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${CREATING}`);
    });
    await waitFor('it to be gone', async () => {
      const left = await database.query(`SELECT FROM pg_stat_activity WHERE ${CREATING}`);
      return left.length === 0;
    });
    expect(await indexesOf('killed_v1')).toEqual(['(a_text, thing_id) invalid']);
    await keep(wanted);
    expect(await indexesOf('killed_v1')).toEqual(['(a_text, thing_id)']);
  });

  it('that are under way are given up when the process stops, however long others hold them up', async () => {
    const wanted = thing('stopped', [['aText']]);
    await prepareProjection(database.pool, thing('stopped', []).shape);
    const stopping = keeper();
    await inTransaction(database.pool, async (tx) => {
      await tx.query("INSERT INTO read_model.stopped_v1 (thing_id) VALUES ('under way')");
      stopping.keep(wanted);
      await waitFor('the index to be begun', async () => (await indexesOf('stopped_v1')).length === 1);
      await stopping.stop();
      expect(await database.query(`SELECT FROM pg_stat_activity WHERE ${CREATING}`)).toEqual([]);
    });
    await keep(wanted);
    expect(await indexesOf('stopped_v1')).toEqual(['(a_text, thing_id)']);
  });
});
