import { listOrder } from '@millrace/projecting';
import type { Filter, ListOrder, ProjectionShape, State } from '@millrace/projecting';
import { createPlatformDatabase, silentLogger } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import type { Pool } from 'pg';
import { openQueryDatabase, prepareProjection } from '../index';
import { listStatement } from '../query/list-statement';
import { saveRows } from './trial-builds';
import { everyColumn, firstBuild } from './trial-projections';

const everything = everyColumn('planned');
// A name of a single word is also the name under which the day is selected as text: an ORDER BY could take either.
const day = { name: 'day', type: 'date', merge: undefined } as const;
const projection = {
  ...everything,
  columns: [...everything.columns, day],
  indexes: [['aText', 'aDate'], ['day'], ['aDouble'], ['aBoolean', 'anInteger', 'aTimestamp']],
  empty: { ...everything.empty, day: null },
};
const ROWS = 20_000;

interface Node {
  readonly 'Node Type': string;
  readonly 'Parent Relationship'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
}

describe('the plan of a list', () => {
  let database: TestDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    pool = openQueryDatabase({
      ...{
        url: database.url,
        applicationName: 'specs',
        poolSize: 2,
        statementTimeoutMs: 5_000,
        log: silentLogger,
      },
    });
    await prepareProjection(database.pool, projection);
    const rows: [string, State][] = Array.from({ length: ROWS }, (_, index) => [
      `k-${String(index).padStart(5, '0')}`,
      {
        ...projection.empty,
        aText: index % 7 === 0 ? null : `text ${index % 20}`,
        aDate: index % 11 === 0 ? null : new Date(index * 36_000_000).toISOString().slice(0, 10),
        day: index % 13 === 0 ? null : new Date(index * 36_000_000).toISOString().slice(0, 10),
        aDouble: index % 3 === 0 ? null : index / 7,
        aBoolean: index % 2 === 0,
        anInteger: index % 5 === 0 ? null : index % 50,
        aTimestamp: new Date(index * 1_000),
      },
    ]);
    await saveRows(database.pool, firstBuild(projection), projection, new Map(rows));
    await database.query('ANALYZE read_model.planned_v1');
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  /** Without what is looked up for each row of the page, such as whether its key is parked. */
  function nodes(plan: Node): Node[] {
    const plans = (plan.Plans ?? []).filter((each) => each['Parent Relationship'] !== 'SubPlan');
    return [plan, ...plans.flatMap(nodes)];
  }

  async function planOf(
    shape: ProjectionShape,
    request: Parameters<typeof listStatement>[2],
  ): Promise<Node[]> {
    const { text, values } = listStatement(shape, firstBuild(projection), request);
    const explained = await pool.query<{ 'QUERY PLAN': readonly [{ readonly Plan: Node }] }>(
      `EXPLAIN (ANALYZE, FORMAT json) ${text}`,
      [...values],
    );
    return nodes(explained.rows[0]!['QUERY PLAN'][0].Plan);
  }

  const filter = (column: string, operator: 'eq' | 'gt' | 'lt', value: string): Filter => ({
    column,
    operator,
    value,
  });
  const unset = (column: string): Filter => ({ column, operator: 'null', isNull: true });
  const middle: Readonly<Record<string, string>> = {
    thingId: 'k-10000',
    aText: 'text 7',
    aDate: '1981-05-29',
    day: '1981-05-29',
    aDouble: '1400.5',
    anInteger: '23',
    aTimestamp: '1970-01-01 02:46:40+00',
  };

  const cases: [string, readonly Filter[], string | undefined][] = [
    ['by key', [], undefined],
    ['of a range of keys', [filter('thingId', 'gt', 'k-00500')], undefined],
    ['sorted by the only column of an index', [], 'aDouble'],
    ['sorted by a date, which is selected as text', [], 'day'],
    [
      'of a range of dates',
      [filter('day', 'gt', '1975-01-01'), filter('day', 'lt', '1990-01-01')],
      undefined,
    ],
    ['sorted by the first column of a longer index', [], 'aText'],
    ['of one value and sorted by the next column', [filter('aText', 'eq', 'text 7')], 'aDate'],
    ['of what is unset', [unset('aText')], 'aDate'],
    ['of two values, one of them unset', [filter('aBoolean', 'eq', 'true'), unset('anInteger')], undefined],
    [
      'of equality and a range',
      [filter('aBoolean', 'eq', 'true'), filter('anInteger', 'gt', '5')],
      undefined,
    ],
  ];

  function pages(order: ListOrder): [string, { after?: readonly (string | null)[] }][] {
    const after = order.columns.map((name) => middle[name]!);
    const isKeyAlone = order.columns.length === 1;
    return [
      ['first page', {}],
      ['page in the middle', { after }],
      ...(isKeyAlone
        ? []
        : ([['page among what is unset', { after: [null, ...after.slice(1)] }]] as [
            string,
            { after: (string | null)[] },
          ][])),
    ];
  }

  it.each(
    cases.flatMap(([what, filters, sort]) =>
      [false, true].map((down) => [what, down, filters, sort] as const),
    ),
  )(
    '%s, descending: %s, reads an index in its order from where the page begins',
    async (_what, descending, filters, sort) => {
      const order = listOrder(
        projection,
        filters,
        sort === undefined ? undefined : { column: sort, descending },
      );
      const directed = { ...order, descending };
      for (const [page, after] of pages(order)) {
        const plan = await planOf(projection, { limit: 20, filters, order: directed, ...after });
        const types = new Set(plan.map((node) => node['Node Type']));
        expect([page, ...[...types].filter((type) => /Sort|Bitmap/.test(type))]).toEqual([page]);
        const scans = plan.filter((node) => node['Node Type'].startsWith('Index'));
        expect(scans.length).toBeGreaterThan(0);
        for (const scan of scans) {
          // Of two indexes that give the order it may take the one that is nearer to the order of the table.
          expect(scan['Rows Removed by Filter'] ?? 0).toBeLessThan(ROWS / 40);
          expect(scan['Actual Rows']).toBeLessThanOrEqual(20);
        }
      }
    },
  );
});
