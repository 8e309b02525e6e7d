import { defineEntity } from '@millrace/projecting';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { inTransaction } from '../in-transaction';
import { compareBuilds } from '../replay/compare-builds';
import { beginRebuild, saveRows } from './trial-builds';
import { Counted, everyMerge } from './trial-projections';

const partials = everyMerge('payment');
/** What was an aggregate under `thingId` is an entity under `payer`, with one column less, one more, one of another type. */
const payers = defineEntity({
  name: 'payment',
  version: 2,
  key: 'payer',
  columns: { total: 'bigint', count: 'bigint', least: 'text', remark: 'text' },
  folds: (fold) => [fold(Counted, (state) => state)],
});

describe('two builds of two versions', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createPlatformDatabase();
  });

  afterAll(() => database.drop());

  it('are compared by what readers would see, under either key, in the columns that both have', async () => {
    const { live, rebuilt } = await beginRebuild(database.pool, partials, payers);
    const partial = (total: bigint, least: string) => ({ ...partials.empty, total, count: 2, least });
    await saveRows(database.pool, live.build, partials, { x: partial(2n ** 60n, 'b') }, 0);
    await saveRows(database.pool, live.build, partials, { x: partial(1n, 'a'), y: partial(5n, 'c') }, 1);
    const seen = (total: bigint, least: string) => ({ total, count: 77n, least, remark: 'new' });
    const compare = () => inTransaction(database.pool, (tx) => compareBuilds(tx, { live, rebuilt }));

    await saveRows(database.pool, rebuilt.build, payers, { y: seen(5n, 'c'), x: seen(2n ** 60n + 1n, 'a') });
    expect(await compare()).toMatchObject({ equal: true, live: { rows: '2' }, differing: { keys: '0' } });

    await saveRows(database.pool, rebuilt.build, payers, { x: seen(2n ** 60n, 'a') });
    const { equal, differing } = await compare();
    expect(equal).toBe(false);
    expect(differing).toEqual({
      keys: '1',
      onlyLive: '0',
      onlyRebuilt: '0',
      changed: '1',
      columns: { total: '1' },
      examples: [
        {
          key: 'x',
          live: { total: '1152921504606846977', least: 'a' },
          rebuilt: { total: '1152921504606846976', least: 'a' },
        },
      ],
    });
  });
});
