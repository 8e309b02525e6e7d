import type { Filter, State } from '@millrace/projecting';
import { createPlatformDatabase, diffIds } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { prepareProjection, ProjectionQuery } from '../index';
import { saveRows } from './trial-builds';
import { everyColumn, everyMerge, firstBuild } from './trial-projections';

const projection = everyColumn('filtered');

/** Four values of each type, in their order, as a fold gives them and as a filter names them. */
const VALUES: Readonly<Record<string, readonly (readonly [unknown, string])[]>> = {
  aText: ['', "'; DROP TABLE x", 'b,c', 'é'].map((text) => [text, text]),
  anInteger: [-2_147_483_648, -1, 0, 2_147_483_647].map((value) => [value, String(value)]),
  aBigint: [-9_007_199_254_740_993n, 0n, 9_007_199_254_740_992n, 9_007_199_254_740_993n].map((value) => [
    value,
    String(value),
  ]),
  aDouble: [-1.5, 0, 0.1, 1e300].map((value) => [value, String(value)]),
  aDecimal: ['-12.30', '0', '0.00000000000000000001', '12345678901234567890.5'].map((value) => [
    value,
    value,
  ]),
  aBoolean: [
    [false, 'false'],
    [false, 'false'],
    [true, 'true'],
    [true, 'true'],
  ],
  aTimestamp: [
    [new Date('1969-12-31T23:59:59.999Z'), '1970-01-01T00:59:59.999+01:00'],
    [new Date('2001-01-31T12:30:00Z'), '2001-01-31T12:30:00Z'],
    [new Date('2001-01-31T12:30:00.001Z'), '2001-01-31T12:30:00.001Z'],
    [new Date('9999-12-31T00:00:00Z'), '9999-12-31T00:00:00Z'],
  ],
  aDate: ['0001-01-01', '2000-02-29', '2001-01-31', '9999-12-31'].map((value) => [value, value]),
};
const KEYS = ['k-0', 'k-1', 'k-2', 'k-3'];

describe('a filter of a list', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    await prepareProjection(database.pool, projection);
    const rows = KEYS.map((key, index): [string, State] => {
      const values = Object.entries(VALUES).map(([column, all]) => [column, all[index]![0]]);
      return [key, { ...projection.empty, ...(Object.fromEntries(values) as State) }];
    });
    await saveRows(
      database.pool,
      firstBuild(projection),
      projection,
      new Map([...rows, ['unset', projection.empty]]),
    );
  });

  afterAll(() => database.drop());

  async function keysOf(...filters: Filter[]): Promise<string[]> {
    const { rows } = await new ProjectionQuery(database.pool, projection).list({ limit: 10, filters });
    return rows.map(({ thingId }) => String(thingId));
  }

  it.each(Object.keys(VALUES))(
    'on %s compares values of its type exactly, and is not met where nothing is set',
    async (column) => {
      const texts = VALUES[column]!.map(([, text]) => text);
      for (const [at, value] of texts.entries()) {
        const first = texts.indexOf(value);
        const behindLast = texts.lastIndexOf(value) + 1;
        const expected = {
          eq: KEYS.slice(first, behindLast),
          lt: KEYS.slice(0, first),
          lte: KEYS.slice(0, behindLast),
          gt: KEYS.slice(behindLast),
          gte: KEYS.slice(first),
        };
        for (const [operator, keys] of Object.entries(expected)) {
          const found = await keysOf({ column, operator: operator as 'eq', value });
          expect([operator, at, diffIds(keys, found)]).toEqual([operator, at, { missing: [], extra: [] }]);
        }
      }
      const ends = [texts[0]!, texts[3]!];
      const inEnds = KEYS.filter((_, index) => ends.includes(texts[index]!));
      expect(await keysOf({ column, operator: 'in', values: ends })).toEqual(inEnds);
      expect(await keysOf({ column, operator: 'in', values: [] })).toEqual([]);
      expect(await keysOf({ column, operator: 'null', isNull: true })).toEqual(['unset']);
      expect(await keysOf({ column, operator: 'null', isNull: false })).toEqual(KEYS);
    },
  );

  it('is met together with others, and the key can be filtered like a column', async () => {
    const found = await keysOf(
      { column: 'thingId', operator: 'gt', value: 'k-0' },
      { column: 'thingId', operator: 'lt', value: 'k-3' },
      { column: 'aBoolean', operator: 'eq', value: 'true' },
    );
    expect(found).toEqual(['k-2']);
  });

  it('on an aggregate is held against rows that are merged over all partitions', async () => {
    const merged = everyMerge('merged');
    await prepareProjection(database.pool, merged);
    for (const partition of [0, 1, 2]) {
      const rows = {
        x: { ...merged.empty, total: 2n ** 40n, paid: '0.1' },
        y: { ...merged.empty, total: 1n },
      };
      await saveRows(database.pool, firstBuild(merged), merged, rows, partition);
    }
    const query = new ProjectionQuery(database.pool, merged);
    const list = async (...filters: Filter[]) =>
      (await query.list({ limit: 10, filters })).rows.map(({ thingId }) => thingId);
    const total = String(3n * 2n ** 40n);
    expect(await list({ column: 'total', operator: 'eq', value: total })).toEqual(['x']);
    expect(await list({ column: 'total', operator: 'lt', value: total })).toEqual(['y']);
    expect(await list({ column: 'paid', operator: 'gte', value: '0.30' })).toEqual(['x']);
    expect(await list({ column: 'total', operator: 'null', isNull: true })).toEqual([]);
  });
});
