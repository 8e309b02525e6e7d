import { mergeStates } from '@millrace/projecting';
import type { Projection, State } from '@millrace/projecting';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { inTransaction } from '../in-transaction';
import { prepareProjection, ProjectionQuery, ProjectionRows, readBuilds, shapedBuild } from '../index';
import { loaded, saveRows } from './trial-builds';
import { everyColumn, everyMerge, firstBuild } from './trial-projections';

const beyondDoubles = 2n ** 62n + 1n;

describe('the tables of a projection', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createPlatformDatabase();
  });

  afterAll(() => database.drop());

  const save = (projection: Projection, partition: number, rows: Record<string, State>) =>
    saveRows(database.pool, firstBuild(projection), projection, rows, partition);
  const load = (projection: Projection, partition: number, keys: string[]) =>
    inTransaction(database.pool, (tx) =>
      loaded(tx, new ProjectionRows(projection, firstBuild(projection), { topic: 'trial', partition }), keys),
    );

  it('are made once by services that start together', async () => {
    const projection = everyColumn('together');
    await Promise.all(Array.from({ length: 5 }, () => prepareProjection(database.pool, projection)));
    expect(await readBuilds(database.pool, ['together'])).toMatchObject([
      { version: 1, build: 1, state: 'live' },
    ]);
    expect(await new ProjectionQuery(database.pool, projection).list({ limit: 1 })).toEqual({
      rows: [],
      parked: new Map(),
      positions: [],
      build: firstBuild(projection),
    });
  });

  it('bring back a value of every type as it was, and nothing where nothing was set', async () => {
    const projection = everyColumn('values');
    await prepareProjection(database.pool, projection);
    const rows: Record<string, State> = {
      odd: {
        aText: 'a "quoted", {braced} \\ text,\nNULL',
        anInteger: -2_147_483_648,
        aBigint: beyondDoubles,
        aDouble: 0.1,
        aDecimal: '-12345678901234567890.120',
        aBoolean: false,
        aTimestamp: new Date('2001-01-31T23:59:59.999Z'),
        aDate: '2001-03-25',
        aJson: { list: [1, 'two', null, { three: [] }], quoted: '"{}\\' },
      },
      NULL: { ...projection.empty, aText: '', aDouble: -1e-300, aBigint: -beyondDoubles, aJson: [] },
      empty: projection.empty,
    };
    await save(projection, 0, rows);
    expect(Object.fromEntries(await load(projection, 0, ['odd', 'NULL', 'empty', 'absent', 'odd']))).toEqual(
      rows,
    );
    await save(projection, 0, { empty: { ...projection.empty, anInteger: 7 } });
    const { rows: read } = await new ProjectionQuery(database.pool, projection).byKey('empty');
    expect(read).toEqual([{ thingId: 'empty', ...projection.empty, anInteger: 7 }]);
  });

  it('take 64 KiB of JSON in a row, and refuse more', async () => {
    const projection = everyColumn('large');
    await prepareProjection(database.pool, projection);
    // Two quotes belong to it.
    const row = (length: number) => ({ x: { ...projection.empty, aJson: 'ä'.repeat(length / 2 - 1) } });
    await save(projection, 0, row(65_536));
    await expect(save(projection, 0, row(65_538))).rejects.toMatchObject({
      code: 'JSON_TOO_LARGE',
      context: { projection: 'large', column: 'aJson', sizeBytes: 65_538, maxBytes: 65_536 },
    });
  });

  it('keep one partial row of an aggregate for each partition, and show them merged', async () => {
    const projection = everyMerge('merged');
    await prepareProjection(database.pool, projection);
    const partials: State[] = [
      // Other languages sort `a` before `B`; text here compares by code point.
      {
        ...{ total: beyondDoubles, count: 1, least: 'a', latest: new Date(5), paid: '0.10', highest: '1.50' },
        ...{ first: '2001-02-01', all: true, any: false },
      },
      {
        ...{ total: -1n, count: 2, least: 'B', latest: new Date(9), paid: '0.2', highest: '1.5' },
        ...{ first: '2001-10-01', all: false, any: true },
      },
      {
        ...{ total: 3n, count: 4, least: 'ä', latest: new Date(7), paid: '-1', highest: '-7' },
        ...{ first: '2001-03-01', all: true, any: false },
      },
    ];
    for (const [partition, state] of partials.entries()) await save(projection, partition, { x: state });
    expect((await load(projection, 1, ['x'])).get('x')).toEqual(partials[1]);
    const { rows } = await new ProjectionQuery(database.pool, projection).byKey('x');
    const merged = partials.reduce((a, b) => mergeStates(projection, a, b));
    expect(merged).toEqual({
      ...{
        total: beyondDoubles + 2n,
        count: 7,
        least: 'B',
        latest: new Date(9),
        paid: '-0.70',
        highest: '1.5',
      },
      ...{ first: '2001-02-01', all: false, any: true },
    });
    expect(rows).toEqual([{ thingId: 'x', ...merged }]);
  });

  it('of the live version stay when another version is deployed, which can be rebuilt and not be asked', async () => {
    await prepareProjection(database.pool, everyColumn('versions'));
    await prepareProjection(database.pool, everyColumn('versions', 2));
    expect(await readBuilds(database.pool, ['versions'])).toMatchObject([
      { version: 1, build: 1, state: 'live' },
    ]);
    await expect(
      new ProjectionQuery(database.pool, everyColumn('versions', 2)).byKey('x'),
    ).rejects.toMatchObject({ code: 'LIVE_VERSION', retriable: true });
  });

  it('go on under a definition that an earlier release wrote down, which knew no indexes', async () => {
    const projection = everyColumn('earlier');
    await prepareProjection(database.pool, projection);
    await database.query(
      `UPDATE millrace.projection_version SET definition = definition - '{indexes,queryable,tombstones}'::text[]
        WHERE projection = 'earlier'`,
    );
    const { shape } = await shapedBuild(database.pool, firstBuild(projection));
    expect(shape).toMatchObject({ name: 'earlier', indexes: [], queryable: [] });
    await prepareProjection(database.pool, projection);
  });

  it.each([
    [
      'other columns',
      (name: string) => ({ ...everyColumn(name), columns: everyColumn(name).columns.slice(1) }),
      'version 1',
    ],
    ['another kind', everyMerge, '"kind":"aggregate"'],
  ])('are refused to the same version with %s, and stay as they are', async (what, change, declared) => {
    const name = `refused${what.length}`;
    await prepareProjection(database.pool, everyColumn(name));
    await save(everyColumn(name), 0, { x: { aText: 'kept' } });
    await expect(prepareProjection(database.pool, change(name))).rejects.toMatchObject({
      code: 'PROJECTION_LAYOUT',
      retriable: false,
      message: expect.stringContaining(declared) as string,
    });
    await prepareProjection(database.pool, everyColumn(name));
    expect((await load(everyColumn(name), 0, ['x'])).get('x')).toMatchObject({ aText: 'kept' });
  });
});
