import { listOrder } from '@millrace/projecting';
import type { Filter, Projection, Sort, State } from '@millrace/projecting';
import { createPlatformDatabase, diffIds, SeededChoices } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { prepareProjection, ProjectionQuery } from '../index';
import type { OrderValues } from '../index';
import { saveRows } from './trial-builds';
import { everyColumn, everyMerge, firstBuild } from './trial-projections';

const KEYS = 60;
const RUNS = 12;

/** What a list shows, page by page, while `between` changes rows after each page. */
async function paged(
  query: ProjectionQuery,
  request: Sort & { readonly filters: readonly Filter[]; readonly limit: number },
  projection: Projection,
  between: () => Promise<void>,
): Promise<{
  readonly shown: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}> {
  const { column, descending, filters, limit } = request;
  const order = listOrder(projection, filters, { column, descending });
  const rows: Readonly<Record<string, unknown>>[] = [];
  for (let after: OrderValues | undefined, pages = 0; pages < 200; pages++) {
    const page = await query.list({ limit, filters, order, ...(after === undefined ? {} : { after }) });
    rows.push(...page.rows);
    if (page.next === undefined) return { shown: rows.map(({ thingId }) => String(thingId)), rows };
    after = page.next;
    await between();
  }
  throw new Error('the list had no end');
}

// Each run draws rows, an order and changes from a seed, which a failure names.
describe('pages of a list that changes between them', () => {
  let database: TestDatabase;
  const entity = everyColumn('paged', 1, [
    ['anInteger', 'aTimestamp'],
    ['aText'],
    ['aDouble', 'aDate'],
    ['aBoolean', 'aDecimal'],
  ]);
  const aggregate: Projection = {
    ...everyMerge('summed'),
    queryable: ['total', 'latest', 'least', 'paid', 'first'],
  };

  beforeAll(async () => {
    database = await createPlatformDatabase();
    await prepareProjection(database.pool, entity);
    await prepareProjection(database.pool, aggregate);
  });

  afterAll(() => database.drop());

  /** Few values, so that many rows are equal, and nothing at all often enough. */
  function drawRow(choices: SeededChoices): State {
    const at = () => choices.between(0, 4);
    const or = (value: unknown) => (choices.between(0, 3) === 0 ? null : value);
    return {
      ...entity.empty,
      aText: or(['', 'Ä', 'a', 'b', 'ä'][at()]),
      anInteger: or(at() - 2),
      aDouble: or([-0.1, 0, 1 / 3, 1e300, 5e-324][at()]),
      aDecimal: or(['-1', '0', '0.10', '0.1', '99999999999999999999'][at()]),
      aBoolean: or(at() > 2),
      aTimestamp: or(new Date(at() * 1_001)),
      aDate: or(`2001-01-0${at() + 1}`),
    };
  }

  const save = (rows: Map<string, State | null>) => saveRows(database.pool, firstBuild(entity), entity, rows);

  it.each(Array.from({ length: RUNS }, (_, seed) => seed))(
    'show each row that was there throughout once, and no row twice (seed %i)',
    async (seed) => {
      const choices = new SeededChoices(seed);
      await database.query('TRUNCATE read_model.paged_v1');
      const lasting = Array.from({ length: KEYS }, (_, index) => `lasting-${index}`);
      await save(new Map(lasting.map((key) => [key, drawRow(choices)])));
      const passing = Array.from({ length: KEYS }, (_, index) => `passing-${index}`);
      await save(new Map(passing.map((key) => [key, drawRow(choices)])));
      const query = new ProjectionQuery(database.pool, entity);
      for (const column of ['thingId', 'anInteger', 'aText', 'aDouble', 'aBoolean']) {
        for (const descending of [false, true]) {
          const limit = choices.between(1, 9);
          const { shown, rows } = await paged(
            query,
            { column, descending, filters: [], limit },
            entity,
            async () => {
              // Rows that pass come, go and move; those that last stay where they are.
              const moved = choices.shuffled(passing).slice(0, 10);
              await save(
                new Map(moved.map((key) => [key, choices.between(0, 2) === 0 ? null : drawRow(choices)])),
              );
            },
          );
          const found = shown.filter((key) => key.startsWith('lasting'));
          expect([column, descending, limit, diffIds(lasting, found)]).toEqual([
            ...[column, descending, limit],
            { missing: [], extra: [] },
          ]);
          expect(new Set(found).size).toBe(found.length);
          // What is unset counts as greatest: it comes in one run, at the end or, descending, at the beginning.
          const unset = rows.map((row) => Number(row[column] === null));
          expect(unset).toEqual(unset.toSorted((a, b) => (descending ? b - a : a - b)));
        }
      }
    },
  );

  it('are whole under a filter of equality and a range, in both directions', async () => {
    const choices = new SeededChoices(7);
    await database.query('TRUNCATE read_model.paged_v1');
    const drawn = new Map(Array.from({ length: 200 }, (_, index) => [`k-${index}`, drawRow(choices)]));
    await save(drawn);
    const filters: Filter[] = [{ column: 'anInteger', operator: 'eq', value: '1' }];
    const expected = [...drawn].filter(([, row]) => row['anInteger'] === 1).map(([key]) => key);
    for (const descending of [false, true]) {
      const request = { column: 'aTimestamp', descending, filters, limit: 3 };
      const query = new ProjectionQuery(database.pool, entity);
      const { shown, rows } = await paged(query, request, entity, async () => undefined);
      expect(diffIds(expected, shown)).toEqual({ missing: [], extra: [] });
      expect(shown).toHaveLength(expected.length);
      const times = rows.map(({ aTimestamp }) => aTimestamp as Date | null).filter((time) => time !== null);
      const sorted = times.toSorted((a, b) => (a.getTime() - b.getTime()) * (descending ? -1 : 1));
      expect(times).toEqual(sorted);
      // What is unset counts as greatest.
      expect(rows.map(({ aTimestamp }) => aTimestamp === null).indexOf(true)).toBe(
        descending ? 0 : times.length,
      );
    }
  });

  it('are whole for an aggregate, whose rows are merged when they are read', async () => {
    const choices = new SeededChoices(3);
    const keys = Array.from({ length: KEYS }, (_, index) => `k-${index}`);
    for (const partition of [0, 1]) {
      const rows = keys.map((key): [string, State] => [
        key,
        {
          ...aggregate.empty,
          total: BigInt(choices.between(0, 3)),
          latest: new Date(choices.between(0, 3)),
          least: ['B', 'a', 'ä', ''][choices.between(0, 3)],
          paid: ['1', '1.0', '2.5'][choices.between(0, 2)],
          first: `2001-02-0${choices.between(1, 4)}`,
        },
      ]);
      await saveRows(database.pool, firstBuild(aggregate), aggregate, new Map(rows), partition);
    }
    const query = new ProjectionQuery(database.pool, aggregate);
    for (const column of ['thingId', 'total', 'latest', 'least', 'paid', 'first']) {
      for (const descending of [false, true]) {
        const request = { column, descending, filters: [], limit: 7 };
        const { shown } = await paged(query, request, aggregate, async () => undefined);
        expect([column, diffIds(keys, shown), shown.length]).toEqual([
          column,
          { missing: [], extra: [] },
          KEYS,
        ]);
      }
    }
  });
});
