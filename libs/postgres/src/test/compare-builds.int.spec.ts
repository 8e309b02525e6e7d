import { isInSample } from '@millrace/projecting';
import type { State } from '@millrace/projecting';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { inTransaction } from '../in-transaction';
import { compareBuilds } from '../replay/compare-builds';
import type { Comparison } from '../replay/compare-builds';
import { beginRebuild, saveRows } from './trial-builds';
import type { TrialBuilds } from './trial-builds';
import { everyColumn, everyMerge } from './trial-projections';

const thing = everyColumn('thing');
const sum = everyMerge('sum');
const beyondDoubles = 2n ** 53n;
const row = (aText: string, aBigint = 1n): State => ({ ...thing.empty, aText, aBigint });

describe('two builds of one version', () => {
  let database: TestDatabase;
  let things: TrialBuilds;
  let sums: TrialBuilds;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    things = await beginRebuild(database.pool, thing);
    sums = await beginRebuild(database.pool, sum);
  });

  afterAll(() => database.drop());

  beforeEach(() =>
    database.query(
      'TRUNCATE read_model.thing_v1, read_model.thing_v1_b2, read_model.sum_v1, read_model.sum_v1_b2',
    ),
  );

  const compare = async (
    live: Record<string, State>,
    rebuilt: Record<string, State>,
  ): Promise<Comparison> => {
    await saveRows(database.pool, things.live.build, thing, live);
    await saveRows(database.pool, things.rebuilt.build, thing, rebuilt);
    return inTransaction(database.pool, (tx) => compareBuilds(tx, things));
  };

  it('are equal when both are empty, and when the same rows were written in another order', async () => {
    expect(await compare({}, {})).toMatchObject({ equal: true, live: { rows: '0' } });
    const compared = await compare({ a: row('1'), b: row('2') }, { b: row('2'), a: row('1') });
    expect(compared).toMatchObject({
      equal: true,
      live: { rows: '2' },
      differing: { keys: '0', examples: [] },
    });
    expect(compared.rebuilt).toEqual(compared.live);
  });

  it('differ in a changed value, a missing row and an extra one, each counted and shown', async () => {
    const compared = await compare(
      { same: row('s'), changed: row('before'), missing: row('m') },
      { same: row('s'), changed: row('after'), extra: row('e') },
    );
    expect(compared.equal).toBe(false);
    expect(compared.differing).toMatchObject({
      keys: '3',
      onlyLive: '1',
      onlyRebuilt: '1',
      changed: '1',
      columns: { aText: '1' },
      examples: [
        { key: 'changed', live: { aText: 'before' }, rebuilt: { aText: 'after' } },
        { key: 'extra', live: null, rebuilt: { aText: 'e' } },
        { key: 'missing', live: { aText: 'm' }, rebuilt: null },
      ],
    });
    expect(compared.differing.examples[0]).not.toHaveProperty('partition');
  });

  it('differ when only one has a row without any value', async () => {
    const { equal, differing } = await compare({ nothing: thing.empty }, {});
    expect(equal).toBe(false);
    expect(differing).toMatchObject({
      keys: '1',
      onlyLive: '1',
      changed: '0',
      examples: [{ rebuilt: null }],
    });
    expect(differing.examples[0]?.live).toEqual({ ...thing.empty });
  });

  it('differ in long numbers that one double stands for, which are shown as text', async () => {
    const { differing } = await compare({ x: row('', beyondDoubles) }, { x: row('', beyondDoubles + 1n) });
    expect(differing).toMatchObject({
      keys: '1',
      changed: '1',
      examples: [{ live: { aBigint: '9007199254740992' }, rebuilt: { aBigint: '9007199254740993' } }],
    });
    const paid = (aDecimal: string) => ({ x: { ...row(''), aDecimal } });
    const decimals = await compare(paid('0.12345678901234567890'), paid('0.12345678901234567891'));
    expect(decimals.differing.examples).toMatchObject([
      { live: { aDecimal: '0.12345678901234567890' }, rebuilt: { aDecimal: '0.12345678901234567891' } },
    ]);
  });

  it('are compared in a sample alone: the keys that a fold of that sample would have', async () => {
    const sample = { seed: "it's", share: 0.3 };
    const names = Array.from({ length: 200 }, (_, index) => `Schlüssel ${index}`);
    const chosen = names.filter((name) => isInSample(sample, name));
    const rows = (from: readonly string[]) => Object.fromEntries(from.map((name) => [name, row(name)]));
    await saveRows(database.pool, things.live.build, thing, rows(names));
    await saveRows(database.pool, things.rebuilt.build, thing, rows(chosen));
    const compare = () => inTransaction(database.pool, (tx) => compareBuilds(tx, { ...things, sample }));
    expect(await compare()).toMatchObject({ equal: true, live: { rows: String(chosen.length) } });
    await database.query('DELETE FROM read_model.thing_v1 WHERE thing_id = $1', [chosen[0]]);
    expect(await compare()).toMatchObject({
      equal: false,
      differing: { keys: '1', onlyRebuilt: '1', examples: [{ key: chosen[0], live: null }] },
    });
    const all = { seed: '', share: 1 };
    const compared = await inTransaction(database.pool, (tx) =>
      compareBuilds(tx, { ...things, sample: all }),
    );
    expect(compared.live.rows).toBe('199');
  });

  it('that differ in many keys are counted in full and shown by the first twenty', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `k${String(index).padStart(2, '0')}`);
    const rows = (text: string) => Object.fromEntries(names.toReversed().map((name) => [name, row(text)]));
    const { differing } = await compare(rows('before'), rows('after'));
    expect(differing).toMatchObject({ keys: '30', changed: '30', onlyLive: '0', onlyRebuilt: '0' });
    expect(differing.examples.map(({ key }) => key)).toEqual(names.slice(0, 20));
  });

  it('of an aggregate differ in a partial row although readers would see the same', async () => {
    const partial = (total: bigint): State => ({ ...sum.empty, total, count: 1, least: 'a' });
    const save = async (side: keyof Pick<TrialBuilds, 'live' | 'rebuilt'>, totals: readonly bigint[]) => {
      for (const [partition, total] of totals.entries())
        await saveRows(database.pool, sums[side].build, sum, { x: partial(total) }, partition);
    };
    await save('live', [1n, 3n, 5n]);
    await save('rebuilt', [3n, 1n, 5n]);
    const compared = await inTransaction(database.pool, (tx) => compareBuilds(tx, sums));
    expect(compared).toMatchObject({
      equal: false,
      live: { rows: '3' },
      differing: { keys: '1', changed: '2' },
    });
    expect(compared.differing.examples).toMatchObject([
      { key: 'x', partition: 'trial/0', live: { total: '1' }, rebuilt: { total: '3' } },
      { key: 'x', partition: 'trial/1', live: { total: '3' }, rebuilt: { total: '1' } },
    ]);
  });
});
