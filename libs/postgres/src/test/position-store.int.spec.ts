import { createPlatformDatabase, silentLogger } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { openDatabase, PositionStore } from '../index';

const at = { topic: 'flights', partition: 3 };
const claim = { start: 40n, partitionCount: 6 };
const beyondDoubles = 2n ** 60n + 1n;

describe('positions in PostgreSQL', () => {
  let database: TestDatabase;
  let store: PositionStore;
  let readers = 0;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    await database.query('CREATE TABLE effect (what text)');
  });

  afterAll(() => database.drop());

  beforeEach(async () => {
    store = new PositionStore(database.pool, `group/trial-${(readers += 1)}`);
    await database.query('TRUNCATE effect');
  });

  const effects = async () =>
    (await database.query<{ what: string }>('SELECT what FROM effect ORDER BY what')).map(({ what }) => what);
  const commit = (epoch: bigint, from: bigint, to: bigint, effect: string) =>
    store.commit(at, { epoch, from, to }, async (tx) => {
      await tx.query('INSERT INTO effect VALUES ($1)', [effect]);
    });

  it('are made by the first owner, raised by each next, and given to one of many who ask at once', async () => {
    expect(await store.read(at)).toBeUndefined();
    const first = await Promise.all(
      [1, 2, 3, 4, 5].map(() => store.take(at, { ...claim, previous: undefined })),
    );
    expect(first.filter((taken) => taken !== undefined)).toEqual([
      { nextOffset: 40n, epoch: 1n, partitionCount: 6 },
    ]);
    const next = await Promise.all([1, 2, 3, 4, 5].map(() => store.take(at, { ...claim, previous: 1n })));
    expect(next.filter((taken) => taken !== undefined)).toEqual([
      { nextOffset: 40n, epoch: 2n, partitionCount: 6 },
    ]);
  });

  it('commit together with their effects, and keep 64-bit offsets and the last record as they are', async () => {
    await store.take(at, { ...claim, start: beyondDoubles, previous: undefined });
    const last = { timestampMs: 1_700_000_000_123, identity: '/feeder\nevent-1' };
    await store.commit(at, { epoch: 1n, from: beyondDoubles, to: beyondDoubles + 2n, last }, async (tx) => {
      await tx.query("INSERT INTO effect VALUES ('done')");
    });
    expect(await store.read(at)).toEqual({
      nextOffset: beyondDoubles + 2n,
      epoch: 1n,
      partitionCount: 6,
      last,
    });
    expect(await effects()).toEqual(['done']);
    expect(await store.readAll()).toEqual([{ ...at, nextOffset: beyondDoubles + 2n }]);
  });

  it('commit before they are on disk only where that is allowed, and only while there is a stop', async () => {
    // The servers of the specs are told to commit late whatever is asked for.
    const url = `${database.url}?options=-c%20synchronous_commit%3Don`;
    const pool = openDatabase({ url, applicationName: 'specs', log: silentLogger });
    const [allowed, plain] = [true, false].map(
      (commitsLateBelowStop) => new PositionStore(pool, store.reader, { commitsLateBelowStop }),
    );
    await store.take(at, { ...claim, previous: undefined });
    const stopAt = (stop: bigint | null) =>
      database.query('UPDATE millrace.position SET stop_at = $2 WHERE reader = $1', [store.reader, stop]);
    let from = 40n;
    const settingOf = async (by: PositionStore | undefined) => {
      let setting: unknown;
      await by?.commit(at, { epoch: 1n, from, to: from + 1n }, async (tx) => {
        ({ rows: setting } = await tx.query('SHOW synchronous_commit'));
      });
      from += 1n;
      return (setting as { synchronous_commit: string }[])[0]?.synchronous_commit;
    };
    await stopAt(100n);
    expect([await settingOf(allowed), await settingOf(plain)]).toEqual(['off', 'on']);
    await stopAt(null);
    expect(await settingOf(allowed)).toBe('on');
    await pool.end();
  });

  it('stay where they are when the effects fail', async () => {
    await store.take(at, { ...claim, previous: undefined });
    const failing = store.commit(at, { epoch: 1n, from: 40n, to: 50n }, async (tx) => {
      await tx.query("INSERT INTO effect VALUES ('lost')");
      throw new Error('handler');
    });
    await expect(failing).rejects.toThrow('handler');
    expect((await store.read(at))?.nextOffset).toBe(40n);
    expect(await effects()).toEqual([]);
  });

  it('stay where they are, and say why, when the effects hid a failed statement', async () => {
    await store.take(at, { ...claim, previous: undefined });
    const hiding = store.commit(at, { epoch: 1n, from: 40n, to: 50n }, async (tx) => {
      await tx.query("INSERT INTO effect VALUES ('lost')");
      await tx.query('SELECT * FROM nowhere').catch(() => undefined);
    });
    await expect(hiding).rejects.toMatchObject({ code: 'TRANSACTION_ROLLED_BACK' });
    expect((await store.read(at))?.nextOffset).toBe(40n);
    expect(await effects()).toEqual([]);
  });

  it('fence the older of two owners: its effects never run', async () => {
    await store.take(at, { ...claim, previous: undefined });
    await store.take(at, { ...claim, previous: 1n });
    let ran = false;
    const older = store.commit(at, { epoch: 1n, from: 40n, to: 50n }, async () => {
      ran = true;
    });
    await expect(older).rejects.toMatchObject({
      code: 'FENCED',
      message: expect.stringContaining('flights/3: expected epoch 1 at offset 40') as string,
    });
    expect(ran).toBe(false);
    await commit(2n, 40n, 50n, 'younger');
    expect(await effects()).toEqual(['younger']);
  });

  it('keep a commit from passing their stop, whose effects then never run, until it is lifted', async () => {
    await store.take(at, { ...claim, previous: undefined });
    const stopAt = (offset: bigint | null) =>
      database.query('UPDATE millrace.position SET stop_at = $2 WHERE reader = $1', [store.reader, offset]);
    await stopAt(50n);
    expect((await store.read(at))?.stopAt).toBe(50n);
    await expect(commit(1n, 40n, 51n, 'beyond')).rejects.toMatchObject({ code: 'STOP_REACHED', stopAt: 50n });
    await commit(1n, 40n, 50n, 'before');
    await stopAt(null);
    await commit(1n, 50n, 51n, 'later');
    expect(await effects()).toEqual(['before', 'later']);
  });

  it('tell why their owner stands still until it commits again', async () => {
    await store.take(at, { ...claim, previous: undefined });
    const problem = async () =>
      (await database.query('SELECT problem FROM millrace.position WHERE reader = $1', [store.reader]))[0];
    await store.noteProblem(at, { state: 'halted', reason: 'why' });
    expect(await problem()).toEqual({ problem: { state: 'halted', reason: 'why' } });
    await commit(1n, 40n, 50n, 'done');
    expect(await problem()).toEqual({ problem: null });
  });

  it('let one of two commits from the same place through, even of one owner', async () => {
    await store.take(at, { ...claim, previous: undefined });
    const outcomes = await Promise.allSettled([commit(1n, 40n, 50n, 'a'), commit(1n, 40n, 50n, 'b')]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await effects()).toHaveLength(1);
  });

  it('tell a new owner what the old one committed while it took over', async () => {
    await store.take(at, { ...claim, previous: undefined });
    const working = Promise.withResolvers<undefined>();
    const started = Promise.withResolvers<undefined>();
    const committing = store.commit(at, { epoch: 1n, from: 40n, to: 50n }, async (tx) => {
      await tx.query("INSERT INTO effect VALUES ('old')");
      started.resolve(undefined);
      await working.promise;
    });
    await started.promise;
    // The row is locked by the commit under way: the take waits for it and sees its outcome.
    const taking = store.take(at, { ...claim, previous: 1n });
    working.resolve(undefined);
    await committing;
    expect(await taking).toMatchObject({ epoch: 2n, nextOffset: 50n });
  });

  it('know how many partitions a topic had, from any of them', async () => {
    expect(await store.knownPartitionCount('flights')).toBeUndefined();
    await store.take(at, { ...claim, previous: undefined });
    expect(await store.knownPartitionCount('flights')).toBe(6);
    expect(await store.knownPartitionCount('bookings')).toBeUndefined();
  });
});
