import type { State } from '@millrace/projecting';
import { createPlatformDatabase, diffIds, silentLogger } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { readerOf } from '@millrace/projecting';
import { openDatabase, PositionStore, prepareProjection, ProjectionQuery, ProjectionRows } from '../index';
import { everyColumn, firstBuild } from './trial-projections';

const projection = everyColumn('queried');
const keys = Array.from({ length: 103 }, (_, index) => `${index % 2 === 0 ? 'K' : 'k'}-${index}`);

describe('a query of a read model', () => {
  let database: TestDatabase;
  let query: ProjectionQuery;
  let positions: PositionStore;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    await prepareProjection(database.pool, projection);
    query = new ProjectionQuery(database.pool, projection);
    positions = new PositionStore(database.pool, readerOf(firstBuild(projection)));
    for (const partition of [0, 1, 2]) {
      const start = partition === 2 ? 0n : 5n;
      await positions.take({ topic: 'trial', partition }, { previous: undefined, start, partitionCount: 3 });
    }
    const rows = new Map<string, State>(
      keys.map((key, index) => [key, { ...projection.empty, anInteger: index % 10 === 0 ? null : -index }]),
    );
    const at = { topic: 'trial', partition: 0 };
    await positions.commit(at, { epoch: 1n, from: 5n, to: 2n ** 60n }, (tx) =>
      new ProjectionRows(projection, firstBuild(projection), at).save(tx, rows),
    );
  });

  afterAll(() => database.drop());

  it('reads on from page to page until it has shown every row once', async () => {
    const seen: string[] = [];
    for (let after: string | undefined, pages = 0; pages < 20; pages++) {
      const { rows } = await query.list({ limit: 10, ...(after === undefined ? {} : { after }) });
      seen.push(...rows.map(({ thingId }) => String(thingId)));
      after = seen.at(-1);
      if (rows.length < 10) break;
    }
    expect(diffIds(keys, seen)).toEqual({ missing: [], extra: [] });
  });

  it('sorts by any column, up or down, with unset values last either way', async () => {
    const valuesBy = async (sort: string) =>
      (await query.list({ limit: 200, sort })).rows.map(({ anInteger }) => anInteger);
    const up = keys
      .map((_, index) => index)
      .filter((index) => index % 10 !== 0)
      .map((index) => -index);
    const unset = Array.from({ length: 11 }, () => null);
    expect(await valuesBy('-anInteger')).toEqual([...up, ...unset]);
    expect(await valuesBy('anInteger')).toEqual([...up.toReversed(), ...unset]);
    await expect(query.list({ limit: 1, sort: 'a_text; DROP TABLE x' })).rejects.toMatchObject({
      code: 'UNKNOWN_COLUMN',
    });
  });

  it('says up to which record of each partition the rows go, also when there are none', async () => {
    const reached = ['trial/0/1152921504606846975', 'trial/1/4'];
    expect((await query.list({ limit: 1 })).positions.toSorted()).toEqual(reached);
    expect((await query.list({ limit: 0 })).positions.toSorted()).toEqual(reached);
    const absent = await query.byKey('absent');
    expect(absent.rows).toEqual([]);
    expect(absent.positions.toSorted()).toEqual(reached);
  });

  it('knows whether it includes records: exactly up to its position, in every partition asked for', async () => {
    const at = (partition: number, offset: bigint) => ({ topic: 'trial', partition, offset });
    expect(await query.includes([at(0, 2n ** 60n - 1n), at(1, 4n)])).toBe(true);
    expect(await query.includes([at(0, 2n ** 60n)])).toBe(false);
    expect(await query.includes([at(0, 1n), at(1, 5n)])).toBe(false);
    expect(await query.includes([at(2, 0n)])).toBe(false);
    expect(await query.includes([at(9, 0n)])).toBe(false);
    expect(await query.includes([])).toBe(true);
  });

  it('says that the database is away, and that asking again may help', async () => {
    const url = new URL(database.url);
    url.port = '1';
    const pool = openDatabase({ url: url.href, applicationName: 'specs', log: silentLogger });
    await expect(new ProjectionQuery(pool, projection).list({ limit: 1 })).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      retriable: true,
    });
    await pool.end();
  });
});
