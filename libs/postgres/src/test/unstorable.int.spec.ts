import { foldBatch } from '@millrace/projecting';
import type { ColumnType, State } from '@millrace/projecting';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import * as fc from 'fast-check';
import { inTransaction } from '../in-transaction';
import { prepareProjection, ProjectionRows } from '../index';
import { save } from './trial-builds';
import { Counted, everyColumn, firstBuild } from './trial-projections';

const VALUES: Readonly<Record<ColumnType, fc.Arbitrary<unknown>>> = {
  text: fc.string({ unit: 'binary' }),
  integer: fc.oneof(fc.integer({ min: -(2 ** 33), max: 2 ** 33 }), fc.double()),
  bigint: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
  double: fc.double(),
  decimal: fc.oneof(fc.stringMatching(/^-?\d{0,4}\.?\d{0,4}$/), fc.constantFrom('', '1e5', 'x', 'NaN')),
  boolean: fc.boolean(),
  timestamp: fc.date({ min: new Date('-004000-01-01'), noInvalidDate: false }),
  date: fc.stringMatching(/^(?:19|20|00)\d\d-[01]\d-[0123]\d$/),
  json: fc.oneof(
    fc.json().map((text) => JSON.parse(text) as unknown),
    fc.string({ unit: 'binary' }),
  ),
};

/** What the fold is refused, the database would refuse, and the other way round: then nothing depends on who finds it. */
describe('the values that a row can have', () => {
  let database: TestDatabase;
  const projection = everyColumn('storable');
  const at = { topic: 'trial', partition: 0 };

  beforeAll(async () => {
    database = await createPlatformDatabase();
    await prepareProjection(database.pool, projection);
  });

  afterAll(() => database.drop());

  const isFolded = (state: State): boolean => {
    const folds = new Map([[Counted.type, { key: undefined, apply: () => state }]]);
    const metadata = { ...at, offset: 0n, key: 'a' } as never;
    const record = { type: Counted.type, payload: {}, metadata };
    try {
      foldBatch({ ...projection, folds }, new Map(), [{ key: 'a', record }]);
      return true;
    } catch {
      return false;
    }
  };
  const isStored = (state: State): Promise<boolean> =>
    inTransaction(database.pool, async (tx) => {
      const rows = new ProjectionRows(projection, firstBuild(projection), at);
      await save(tx, rows, new Map([['a', state]]));
    }).then(
      () => true,
      () => false,
    );

  it.each(projection.columns.map(({ name, type }) => [name, type] as const))(
    'of column %s are those that the database takes',
    async (name, type) => {
      await fc.assert(
        fc.asyncProperty(VALUES[type], async (value) => {
          const state = { ...projection.empty, [name]: value };
          expect({ value, isStored: isFolded(state) }).toEqual({ value, isStored: await isStored(state) });
        }),
        { numRuns: 150 },
      );
    },
  );
});
