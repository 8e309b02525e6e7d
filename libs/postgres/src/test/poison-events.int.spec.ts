import { fenceOf } from '@millrace/delivery';
import type { ParkingReason } from '@millrace/delivery';
import { LooseRecord } from '@millrace/event';
import type { LogRecord } from '@millrace/event';
import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { inTransaction } from '../in-transaction';
import { FoldDecisionStore, ParkingStore, PoisonEvents, PositionStore, ProjectionQuery } from '../index';
import { beginRebuild, saveRows, TOPIC } from './trial-builds';
import type { TrialBuilds } from './trial-builds';
import { everyColumn } from './trial-projections';

const at = { topic: TOPIC, partition: 0 };
const reason: ParkingReason = { kind: 'permanent', name: 'FoldError', message: 'no fold', attempts: 1 };
const recordAt = (offset: number, key: string, value = Buffer.from([offset])): LogRecord =>
  new LooseRecord({ ...at, offset: BigInt(offset), key: Buffer.from(key), value, timestampMs: offset });
const place = (offset: number) => ({ ...at, offset: BigInt(offset) });

describe('events that cannot be folded', () => {
  let database: TestDatabase;
  let poison: PoisonEvents;
  let builds: TrialBuilds;
  let name: string;
  let trials = 0;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    poison = new PoisonEvents(database.pool);
  });

  afterAll(() => database.drop());

  beforeEach(async () => {
    name = `poisoned${(trials += 1)}`;
    builds = await beginRebuild(database.pool, everyColumn(name));
  });

  const live = () => builds.live.build;
  const rebuilt = () => builds.rebuilt.build;
  const decisions = (build: ProjectionBuild) => new FoldDecisionStore(database.pool, build);

  /** The owner of partition 0 of a build: parks the first of these records, and queues the others behind it. */
  async function park(build: ProjectionBuild, first: LogRecord, ...others: LogRecord[]) {
    const store = new PositionStore(database.pool, readerOf(build));
    const lot = new ParkingStore(database.pool, readerOf(build));
    const before = await store.read(at);
    const taken = await store.take(at, { previous: before?.epoch, start: 0n, partitionCount: 2 });
    const { epoch, nextOffset: from } = taken ?? { epoch: 0n, nextOffset: 0n };
    await database.pool.query('UPDATE millrace.position SET stop_at = NULL WHERE reader = $1', [
      readerOf(build),
    ]);
    const to = ([first, ...others].at(-1)?.offset ?? 0n) + 1n;
    await store.commit(at, { epoch, from, to }, async (tx) => {
      await lot.bury(tx, first, reason, true);
      await lot.hold(tx, at, [fenceOf(first)]);
      await lot.queue(tx, others);
    });
    return { lot, epoch, store };
  }

  /** The owner stands still before an event. */
  async function halt(build: ProjectionBuild, offset: number): Promise<void> {
    const store = new PositionStore(database.pool, readerOf(build));
    const before = await store.read(at);
    const taken = await store.take(at, { previous: before?.epoch, start: 0n, partitionCount: 2 });
    await decisions(build).noteHalt(at, taken?.epoch ?? 0n, { offset: BigInt(offset), reason: 'no fold' });
  }

  it('are listed by build and place with their reason, and how many wait, page by page', async () => {
    await park(live(), recordAt(3, 'a'), recordAt(5, 'a'), recordAt(6, 'a'));
    await halt(rebuilt(), 3);
    const all = await poison.list(name, { limit: 10 });
    expect(all).toMatchObject([
      { build: 1, state: 'live', key: 'a', offset: 3n, reason: 'no fold', events: 3 },
      { build: 2, state: 'building', key: null, offset: 3n, reason: 'no fold', events: 0 },
    ]);
    expect(all[0]?.since).toBeInstanceOf(Date);
    const [first] = await poison.list(name, { limit: 1 });
    const after = { build: 1, ...place(3) };
    expect(await poison.list(name, { limit: 10, after })).toEqual(all.slice(1));
    expect(first).toEqual(all[0]);
    expect(await poison.counts([readerOf(live()), readerOf(rebuilt())])).toEqual([
      { reader: readerOf(live()), ...at, keys: 1, events: 3, isHalted: false },
      { reader: readerOf(rebuilt()), ...at, keys: 0, events: 0, isHalted: true },
    ]);
  });

  it('are told with the row of their key, and where there is no row, and with no other', async () => {
    const query = new ProjectionQuery(database.pool, everyColumn(name));
    const row = { ...everyColumn(name).empty, aText: 'x' };
    await saveRows(database.pool, live(), everyColumn(name), { a: row, b: row, c: row });
    await park(live(), recordAt(3, 'a'), recordAt(5, 'a'));
    await park(live(), recordAt(7, 'ü '));
    const since = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    const parked = { since, reason: 'no fold', events: 2, position: 'trial/0/3' };
    expect((await query.byKey('a')).parked).toEqual(new Map([['a', parked]]));
    expect((await query.byKey('b')).parked).toEqual(new Map());
    const absent = await query.byKey('ü ');
    expect(absent.rows).toEqual([]);
    expect(absent.parked.get('ü ')).toMatchObject({ events: 1, position: 'trial/0/7' });
    const page = await query.list({ limit: 2 });
    expect(page.parked).toEqual(new Map([['a', parked]]));
    expect(page.rows[0]).toEqual({ thingId: 'a', ...row });
    expect((await query.list({ limit: 2, after: ['a'] })).parked).toEqual(new Map());
  });

  it('show in the view beside the row of their key, and beside no other', async () => {
    const row = { ...everyColumn(name).empty, aText: 'x' };
    await saveRows(database.pool, live(), everyColumn(name), { a: row, b: row });
    await park(live(), recordAt(3, 'a'), recordAt(5, 'a'));
    const shown = await database.query<{ thing_id: string; millrace_parked_at: Date | null }>(
      `SELECT thing_id, millrace_parked_at FROM read_model.${name} ORDER BY 1`,
    );
    expect(shown).toEqual([
      { thing_id: 'a', millrace_parked_at: expect.any(Date) as Date },
      { thing_id: 'b', millrace_parked_at: null },
    ]);
  });

  it('are tried again by all builds when somebody asks, by key, by place or all', async () => {
    const { lot, epoch } = await park(live(), recordAt(3, 'a'), recordAt(4, 'a'));
    await park(rebuilt(), recordAt(3, 'a'));
    const ran: bigint[] = [];
    const drain = () =>
      lot.drain(at, { epoch, limit: 10 }, async (_tx, records) => {
        ran.push(...records.map(({ offset }) => offset));
      });
    expect((await drain()).records).toBe(0);
    expect(await poison.retry(name, { key: 'a' })).toEqual({ keys: 2, partitions: 0 });
    expect(await drain()).toEqual({ records: 2, released: ['ka'] });
    expect(ran).toEqual([3n, 4n]);
    // The other build has not come to it yet.
    expect(await poison.retry(name, { all: true })).toEqual({ keys: 0, partitions: 0 });
    await expect(poison.retry(name, { key: 'b' })).rejects.toMatchObject({ code: 'NOT_PARKED' });
    await expect(poison.retry(name, { positions: [place(9)] })).rejects.toThrow(
      /no build stands before trial\/0\/9/,
    );
  });

  it('that halt a partition are tried again once for each time that somebody asks', async () => {
    await halt(live(), 3);
    expect(await decisions(live()).isReleased(at)).toBe(false);
    expect(await poison.retry(name, { positions: [place(3)] })).toEqual({ keys: 0, partitions: 1 });
    expect(await decisions(live()).isReleased(at)).toBe(true);
    expect(await decisions(live()).isReleased(at)).toBe(false);
    const [before] = await poison.list(name, { limit: 1 });
    await halt(live(), 3);
    expect((await poison.list(name, { limit: 1 }))[0]?.since).toEqual(before?.since);
  });

  it('halt nothing any more once the position has passed them, whatever was noted', async () => {
    await halt(live(), 3);
    await database.pool.query('UPDATE millrace.position SET next_offset = 4 WHERE reader = $1', [
      readerOf(live()),
    ]);
    expect(await poison.list(name, { limit: 1 })).toEqual([]);
    await expect(poison.skip(name, place(3), 'why')).rejects.toMatchObject({ code: 'NOT_PARKED' });
  });

  it('are noted as a halt by the owner alone', async () => {
    await halt(live(), 3);
    await decisions(live()).noteHalt(at, 0n, { offset: 1n, reason: 'a zombie' });
    expect(await poison.list(name, { limit: 10 })).toMatchObject([{ offset: 3n }]);
  });

  it('are skipped in every build of a version, in those that come to them later too', async () => {
    const { lot, epoch } = await park(live(), recordAt(3, 'a'), recordAt(4, 'a'));
    expect(await poison.skip(name, place(3), 'was never booked')).toEqual([1]);
    const ran: bigint[] = [];
    await lot.drain(at, { epoch, limit: 10 }, async (_tx, records) => {
      ran.push(...records.map(({ offset }) => offset));
    });
    expect(ran).toEqual([4n]);
    expect(await decisions(rebuilt()).skipped(at)).toEqual(new Set([3n]));
    // Nobody needs to know of it who has passed it.
    expect(await decisions(live()).skipped(at)).toEqual(new Set());
    const rows = await database.query(
      'SELECT projection, version, reason FROM millrace.skipped_event WHERE projection = $1',
      [name],
    );
    expect(rows).toEqual([{ projection: name, version: 1, reason: 'was never booked' }]);
  });

  it('that were parked after the skip are dropped by their owner, and free what is behind them', async () => {
    await halt(live(), 3);
    await poison.skip(name, place(3), 'why');
    expect(await decisions(live()).isReleased(at)).toBe(true);
    await park(rebuilt(), recordAt(3, 'a'), recordAt(4, 'a'));
    await decisions(rebuilt()).dropSkipped(at);
    const [row] = await database.query<{ state: string; queued: bigint }>(
      `SELECT state, (SELECT count(*) FROM millrace.parked_record WHERE reader = $1) AS queued
         FROM millrace.key_fence WHERE reader = $1`,
      [readerOf(rebuilt())],
    );
    expect(row).toEqual({ state: 'parked', queued: 1n });
  });

  it('cannot be skipped while they only wait behind another one', async () => {
    await park(live(), recordAt(3, 'a'), recordAt(4, 'a'));
    await expect(poison.skip(name, place(4), 'why')).rejects.toMatchObject({ code: 'NOT_PARKED' });
    expect(
      await database.query('SELECT 1 FROM millrace.skipped_event WHERE projection = $1', [name]),
    ).toEqual([]);
  });

  it('keep a process of the version before from passing keys that it does not know to be parked', async () => {
    const { store, epoch } = await park(live(), recordAt(3, 'a'));
    // It raises the epoch, and knows no column more.
    const raise =
      'UPDATE millrace.position SET epoch = epoch + 1 WHERE reader = $1 AND topic = $2 AND partition = $3';
    await database.pool.query(raise, [readerOf(live()), at.topic, at.partition]);
    const commit = () => store.commit(at, { epoch: epoch + 1n, from: 4n, to: 5n }, () => Promise.resolve());
    await expect(commit()).rejects.toThrow(/has parked keys in trial\/0.*end the upgrade/);
    await inTransaction(database.pool, async (tx) => {
      await tx.query('DELETE FROM millrace.key_fence WHERE reader = $1', [readerOf(live())]);
    });
    await commit();
  });
});
