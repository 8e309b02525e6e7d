import type { State } from '@millrace/projecting';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import fc from 'fast-check';
import { inTransaction } from '../in-transaction';
import { compareBuilds } from '../replay/compare-builds';
import { beginRebuild, saveRows } from './trial-builds';
import { everyColumn } from './trial-projections';

const thing = everyColumn('thing');

/** Texts that a careless way of writing a row down takes for something else. */
const oddText = fc.constantFrom(
  '',
  'NULL',
  'null',
  ',',
  '"',
  '""',
  '\\',
  '(',
  ')',
  '1',
  't',
  'a,b',
  ' a',
  'a ',
);
const text = fc.oneof(oddText, fc.string({ unit: 'binary' })).map((value) => value.replaceAll('\0', '0'));
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 3 });
const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
/** PostgreSQL keeps no NUL in a text. */
const withoutNul = (value: unknown) =>
  JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '0')) as unknown;
const state: fc.Arbitrary<State> = fc.record({
  aText: orNull(text),
  anInteger: orNull(fc.integer()),
  aBigint: orNull(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  // The driver writes a negative zero as 0.
  aDouble: orNull(fc.double().map((value) => value + 0)),
  aDecimal: orNull(
    fc.tuple(fc.bigInt(), fc.stringMatching(/^(\.[0-9]{1,3})?$/)).map(([whole, rest]) => `${whole}${rest}`),
  ),
  aBoolean: orNull(fc.boolean()),
  aTimestamp: orNull(fc.date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true })),
  aDate: orNull(day),
  aJson: orNull(fc.jsonValue({ maxDepth: 2 }).map(withoutNul)),
});
type Rows = readonly (readonly [string, State])[];
const rows: fc.Arbitrary<Rows> = fc.uniqueArray(fc.tuple(text, state), {
  selector: ([key]) => key,
  maxLength: 6,
});

/** The same rows, the same in another order, rows of which one has one value of another, or entirely other rows. */
const pairs: fc.Arbitrary<readonly [Rows, Rows]> = rows.chain((some) =>
  fc.oneof(
    fc.shuffledSubarray([...some], { minLength: some.length }).map((others) => [some, others] as const),
    fc
      .tuple(state, fc.constantFrom(...Object.keys(thing.empty)))
      .map(([other, column]) => [some, some.map(changed(other, column))] as const),
    rows.map((others) => [some, others] as const),
  ),
);
const changed =
  (other: State, column: string) =>
  ([key, own]: readonly [string, State], index: number) =>
    [key, index === 0 ? { ...own, [column]: other[column] } : own] as const;

/** Rows that lie beside each other in a text that does not quote, or leaves out what is not there. */
const easilyMistaken: [readonly [Rows, Rows]][] = [
  [[[['x', { anInteger: 1 }]], [['x', { aBigint: 1n }]]]],
  [[[['x', { aText: '1' }]], [['x', { anInteger: 1 }]]]],
  [[[['x', { aText: '' }]], [['x', {}]]]],
  [[[['x', { aText: 'NULL' }]], [['x', {}]]]],
  [[[['x', { aText: 't' }]], [['x', { aBoolean: true }]]]],
  [[[['x,y', { aText: 'z' }]], [['x', { aText: 'y,z' }]]]],
  [[[['x', { aText: '1,2' }]], [['x', { aText: '1', anInteger: 2 }]]]],
  [[[['x', { aTimestamp: new Date(0) }]], [['x', { aTimestamp: new Date(1) }]]]],
  [[[['x', { aDouble: 0.1 }]], [['x', { aDouble: 0.1 + Number.EPSILON / 8 }]]]],
  [[[['x', { aDecimal: '1' }]], [['x', { anInteger: 1 }]]]],
  [[[['x', { aJson: '1' }]], [['x', { aJson: 1 }]]]],
  [[[['x', { aJson: 'null' }]], [['x', {}]]]],
  [[[['x', { aJson: { a: 1, b: [2] } }]], [['x', { aJson: { b: [2], a: 1 } }]]]],
  [
    [
      [
        ['x', { aText: '1' }],
        ['y', { aText: '2' }],
      ],
      [
        ['x', { aText: '2' }],
        ['y', { aText: '1' }],
      ],
    ],
  ],
];

const written = ([key, own]: readonly [string, State]) =>
  JSON.stringify([key, ...Object.keys(thing.empty).map((name) => writtenValue(own[name] ?? null))]);
/** Of a document the order of members says nothing. */
const inOrder = (value: unknown) =>
  JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
const writtenValue = (value: unknown) => [
  typeof value,
  value instanceof Date ? value.toISOString() : typeof value === 'bigint' ? String(value) : inOrder(value),
];

describe('the digest of a build', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createPlatformDatabase();
  });

  afterAll(() => database.drop());

  it('is the same for the same rows in any order, and for no others', async () => {
    const { live, rebuilt } = await beginRebuild(database.pool, thing);
    const law = fc.asyncProperty(pairs, async ([some, others]) => {
      await database.query('TRUNCATE read_model.thing_v1, read_model.thing_v1_b2');
      await saveRows(database.pool, live.build, thing, new Map(some));
      await saveRows(database.pool, rebuilt.build, thing, new Map(others));
      const found = await inTransaction(database.pool, (tx) => compareBuilds(tx, { live, rebuilt }));
      const [left, right] = [some.map(written), others.map(written)];
      const alone = [...left, ...right].filter((line) => !left.includes(line) || !right.includes(line));
      expect(found.equal).toBe(alone.length === 0);
      expect(found.live.digest === found.rebuilt.digest).toBe(found.equal);
      const keys = new Set(alone.map((line) => (JSON.parse(line) as string[])[0]));
      expect(found.differing.keys).toBe(String(keys.size));
    });
    await fc.assert(law, { numRuns: 40, examples: easilyMistaken });
  });
});
