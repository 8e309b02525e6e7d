import type { State } from '@millrace/projecting';
import { createPlatformDatabase, diffIds, silentLogger } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { readerOf } from '@millrace/projecting';
import {
  openDatabase,
  openQueryDatabase,
  PositionStore,
  prepareProjection,
  ProjectionQuery,
  ProjectionRows,
} from '../index';
import type { OrderValues } from '../index';
import { save } from './trial-builds';
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
      save(tx, new ProjectionRows(projection, firstBuild(projection), at), rows),
    );
  });

  afterAll(() => database.drop());

  it('reads on from page to page until it has shown every row once', async () => {
    const seen: string[] = [];
    let after: OrderValues | undefined;
    do {
      const { rows, next } = await query.list({ limit: 10, ...(after === undefined ? {} : { after }) });
      seen.push(...rows.map(({ thingId }) => String(thingId)));
      after = next;
    } while (after !== undefined && seen.length < 200);
    expect(diffIds(keys, seen)).toEqual({ missing: [], extra: [] });
    // The last page is full, and no empty one follows it.
    expect((await query.list({ limit: keys.length })).next).toBeUndefined();
  });

  it('says that it has no more than the live version, when only another one is hosted here', async () => {
    const other = new ProjectionQuery(database.pool, everyColumn('queried', 2));
    await expect(other.byKey('K-0')).rejects.toMatchObject({ code: 'LIVE_VERSION' });
    await expect(other.list({ limit: 1 })).rejects.toMatchObject({ code: 'LIVE_VERSION' });
  });

  it('says up to which record of each partition the rows go, also when there are none', async () => {
    const reached = ['trial/0/1152921504606846975', 'trial/1/4'];
    expect((await query.list({ limit: 1 })).positions.toSorted()).toEqual(reached);
    expect((await query.list({ limit: 0 })).positions.toSorted()).toEqual(reached);
    const absent = await query.byKey('absent');
    expect(absent.rows).toEqual([]);
    expect(absent.positions.toSorted()).toEqual(reached);
  });

  it('knows the positions of the live build without a row', async () => {
    expect(await query.positions()).toEqual(['trial/0/1152921504606846975', 'trial/1/4']);
  });

  it('is refused at once when too many wait for a connection, and tells that from a database that is away', async () => {
    const pool = openDatabase({
      ...{ url: database.url, applicationName: 'specs', poolSize: 1, log: silentLogger },
    });
    const only = await pool.connect();
    const crowded = new ProjectionQuery(pool, projection);
    const waiting = Array.from({ length: 50 }, () => crowded.byKey('K-0'));
    await expect(crowded.byKey('K-0')).rejects.toMatchObject({ code: 'QUERIES_FULL', retriable: true });
    only.release();
    expect(new Set((await Promise.all(waiting)).map(({ rows }) => rows.length))).toEqual(new Set([1]));
    await pool.end();
  });

  it('is given up after its time, cannot write, and says so', async () => {
    const pool = openQueryDatabase({
      ...{
        url: database.url,
        applicationName: 'specs',
        poolSize: 1,
        statementTimeoutMs: 50,
        log: silentLogger,
      },
    });
    expect((await new ProjectionQuery(pool, projection).byKey('K-0')).rows).toHaveLength(1);
    await expect(pool.query("DELETE FROM read_model.queried_v1 WHERE thing_id = 'K-0'")).rejects.toThrow(
      'cannot execute DELETE in a read-only transaction',
    );
    const held = await database.pool.connect();
    await held.query('BEGIN; LOCK TABLE read_model.queried_v1');
    await expect(new ProjectionQuery(pool, projection).byKey('K-0')).rejects.toMatchObject({
      code: 'QUERY_TIMEOUT',
      retriable: true,
    });
    await held.query('COMMIT');
    held.release();
    await pool.end();
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
