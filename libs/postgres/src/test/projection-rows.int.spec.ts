import type { FoldedRows, Projection, State } from '@millrace/projecting';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import fc from 'fast-check';
import { inTransaction } from '../in-transaction';
import { isKeptAsItIs, isPlain } from '../plain-state';
import { prepareProjection, ProjectionRows } from '../index';
import { loaded, save } from './trial-builds';
import { everyColumn, firstBuild } from './trial-projections';

const at = { topic: 'trial', partition: 0 };
/** More than go with the changed rows in one statement. */
const MANY = 300;
const FEW = 50;

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => text.replaceAll('\0', '')),
  fc.constantFrom('\\N', '\\.', 'a\tb\\n\nc\r', '', 'NULL', '"', '{}', 'ä\u{1F600}', '\ud800'),
);
const decimals = fc.oneof(
  fc.tuple(fc.bigInt(), fc.nat(99)).map(([whole, part]) => `${whole}.${part}`),
  fc.constantFrom('-0', '-0.00', '007', '1e3', '0.10', '-12'),
);
const MICROS = 8_640_000_000_000;
const states: fc.Arbitrary<State> = fc.record({
  aText: fc.option(texts),
  anInteger: fc.option(fc.oneof(fc.integer(), fc.constant(-0))),
  aBigint: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  aDouble: fc.option(fc.oneof(fc.double(), fc.constantFrom(-0, 0.1, NaN, -Infinity))),
  aDecimal: fc.option(decimals),
  aBoolean: fc.option(fc.boolean()),
  aTimestamp: fc.option(
    fc.oneof(
      fc.date({
        noInvalidDate: true,
        min: new Date(-210_866_803_200_000 + 86_400_000),
        max: new Date(MICROS),
      }),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4_000_000_000_000) }),
      fc.constantFrom(new Date('0000-06-01T00:00:00Z'), new Date('-000043-03-15T12:00:00Z')),
    ),
  ),
  aDate: fc.option(fc.constantFrom('2001-03-25', '0044-03-15', '9999-12-31')),
  aJson: fc.option(
    fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '')) as unknown),
  ),
});

describe('the rows of a partition', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createPlatformDatabase();
  });

  afterAll(() => database.drop());

  const prepared = async (name: string) => {
    const projection = everyColumn(name);
    await prepareProjection(database.pool, projection);
    return projection;
  };
  const rowsOf = (projection: Projection) => new ProjectionRows(projection, firstBuild(projection), at);
  /** One transaction that loads and saves these; it is rolled back where `fails`. */
  const change = async (rows: ProjectionRows, changes: FoldedRows, { fails = false } = {}) => {
    const work = inTransaction(database.pool, async (tx) => {
      await save(tx, rows, changes);
      if (fails) throw new Error('rolled back');
    });
    if (fails) {
      await expect(work).rejects.toThrow('rolled back');
      return;
    }
    await work;
    rows.committed();
  };
  const load = async (rows: ProjectionRows, keys: Iterable<string>) => {
    const states = await inTransaction(database.pool, (tx) => loaded(tx, rows, [...keys]));
    rows.committed();
    return states;
  };

  it('come back the same whether they were copied as new ones or written over others', async () => {
    const projection = await prepared('copied');
    await fc.assert(
      fc.asyncProperty(fc.array(states, { minLength: 1, maxLength: 20 }), fc.uuid(), async (some, run) => {
        const valuesOf = (prefix: string, count: number): FoldedRows =>
          new Map(
            Array.from({ length: count }, (_, index) => [
              `${prefix}\\${run}\t${index}`,
              some[index % some.length]!,
            ]),
          );
        const [copied, written] = [valuesOf('new', MANY), valuesOf('old', MANY)];
        await change(rowsOf(projection), copied);
        // So few at once go by the statement for rows that may be there.
        const entries = [...written];
        for (let from = 0; from < MANY; from += FEW)
          await change(rowsOf(projection), new Map(entries.slice(from, from + FEW)));
        const [fromCopy, fromStatement] = [
          await load(rowsOf(projection), copied.keys()),
          await load(rowsOf(projection), written.keys()),
        ];
        expect(fromCopy.size).toBe(MANY);
        const inOrder = (changes: FoldedRows, from: ReadonlyMap<string, State>) =>
          [...changes.keys()].map((key) => from.get(key));
        expect(inOrder(copied, fromCopy)).toEqual(inOrder(written, fromStatement));
        // What is remembered must be what would be read.
        for (const [key, state] of copied) {
          if (state !== null && isPlain(projection, state) && isKeptAsItIs(projection, state))
            expect(fromCopy.get(key)).toEqual(state);
        }
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('are remembered once they are committed, and not when they were rolled back', async () => {
    const projection = await prepared('remembered');
    const rows = rowsOf(projection);
    const state = (anInteger: number): State => ({ ...projection.empty, anInteger });
    await change(rows, new Map([['x', state(1)]]));
    await change(
      rows,
      new Map([
        ['x', state(2)],
        ['y', state(2)],
      ]),
      { fails: true },
    );
    expect(await load(rows, ['x', 'y'])).toEqual(new Map([['x', state(1)]]));
    // Behind its back: it does not ask again for what it knows.
    await database.query("UPDATE read_model.remembered_v1 SET an_integer = 9 WHERE thing_id = 'x'");
    expect(await load(rows, ['x'])).toEqual(new Map([['x', state(1)]]));
    expect(await load(rowsOf(projection), ['x'])).toEqual(new Map([['x', state(9)]]));
  });

  it('that were deleted are known to be gone, and can be made again', async () => {
    const projection = await prepared('deleted');
    const rows = rowsOf(projection);
    const all = (state: State | null): FoldedRows =>
      new Map(Array.from({ length: MANY }, (_, index) => [`key-${index}`, state]));
    for (const anInteger of [1, 2]) {
      await change(rows, all({ ...projection.empty, anInteger }));
      await change(rows, all({ ...projection.empty, anInteger: anInteger + 10 }));
      expect((await load(rows, ['key-7'])).get('key-7')).toMatchObject({ anInteger: anInteger + 10 });
      await change(rows, all(null));
      await change(rows, all(null));
      expect(await load(rows, all(null).keys())).toEqual(new Map());
      expect(await database.query('SELECT FROM read_model.deleted_v1')).toEqual([]);
    }
  });

  it('that the database would give back in another form are read again', async () => {
    const projection = await prepared('reread');
    const rows = rowsOf(projection);
    const odd = { ...projection.empty, aDecimal: '1e3', extra: 1 } as State;
    await change(rows, new Map([['x', odd]]));
    expect(await load(rows, ['x'])).toEqual(new Map([['x', { ...projection.empty, aDecimal: '1000' }]]));
  });

  it('of a partition that begins empty are asked for only where they may be there', async () => {
    const projection = await prepared('begun');
    const state = (anInteger: number): State => ({ ...projection.empty, anInteger });
    const rows = rowsOf(projection);
    const asked: unknown[] = [];
    const load = (keys: readonly string[]) =>
      loaded(
        {
          query: <Row extends object>(_text: string, values?: unknown[]) => {
            asked.push(values?.[0]);
            return Promise.resolve({ rows: [] as Row[], rowCount: 0 });
          },
        },
        rows,
        keys,
      );
    rows.startEmpty();
    expect(await load(['new'])).toEqual(new Map());
    expect(asked).toEqual([]);
    await change(rows, new Map([['x', state(1)]]));
    await change(rows, new Map([['rolled back', state(1)]]), { fails: true });
    expect((await load(['x', 'rolled back', 'new'])).get('x')).toEqual(state(1));
    // What was rolled back may have been committed, for all that it knows.
    expect(asked).toEqual([['rolled back']]);
    rows.forget();
    await load(['new', 'x']);
    expect(asked.at(-1)).toEqual(['new', 'x']);
  });

  it('fail as a whole when one of many new ones has a value that its column cannot hold', async () => {
    const projection = await prepared('unfit');
    const rows = rowsOf(projection);
    const many: FoldedRows = new Map(
      Array.from({ length: MANY }, (_, index) => [`key-${index}`, { ...projection.empty, anInteger: index }]),
    );
    const unfit = new Map(many).set('key-250', { ...projection.empty, anInteger: 2 ** 40 });
    await expect(change(rows, unfit)).rejects.toMatchObject({ code: '22003' });
    expect(await database.query('SELECT FROM read_model.unfit_v1')).toEqual([]);
    const tooLong = new Map(many).set('key-250', { ...projection.empty, aJson: 'x'.repeat(70_000) });
    await expect(change(rows, tooLong)).rejects.toMatchObject({ code: 'JSON_TOO_LARGE' });
    await change(rows, many);
    expect(await database.query('SELECT FROM read_model.unfit_v1')).toHaveLength(MANY);
  });
});
