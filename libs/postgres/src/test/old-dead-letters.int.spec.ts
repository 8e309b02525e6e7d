import type { ParkingReason } from '@millrace/delivery';
import { fenceOf } from '@millrace/delivery';
import { LooseRecord } from '@millrace/event';
import type { LogRecord } from '@millrace/event';
import { createTestDatabase, silentLogger } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { inTransaction } from '../in-transaction';
import {
  migrate,
  OldDeadLetters,
  ParkedRecords,
  ParkingStore,
  platformMigrations,
  PositionStore,
} from '../index';

const DAY_MS = 86_400_000;
const at = { topic: 'flights', partition: 3 };
const EPOCH = 1n;
const reason: ParkingReason = { kind: 'permanent', name: 'SeatTakenError', message: 'seat 12A', attempts: 1 };

function recordAt(offset: number, key: string | null): LogRecord {
  return new LooseRecord({
    ...{ ...at, offset: BigInt(offset), key: key === null ? null : Buffer.from(key) },
    ...{ value: Buffer.from('v'), timestampMs: 1_700_000_000_000 },
  });
}

describe('dead letters that were kept long enough', () => {
  let database: TestDatabase;
  let reader: string;
  let lot: ParkingStore;
  let old: OldDeadLetters;
  let removed: object[];
  let readers = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.pool, [platformMigrations], silentLogger);
  });

  afterAll(() => database.drop());

  beforeEach(async () => {
    reader = `group/trial-${(readers += 1)}`;
    removed = [];
    const log = { ...silentLogger, info: (fields: object) => removed.push(fields) };
    lot = new ParkingStore(database.pool, reader);
    old = new OldDeadLetters(database.pool, { reader, retentionMs: 30 * DAY_MS, log });
    await new PositionStore(database.pool, reader).take(at, {
      ...{ start: 0n, partitionCount: 6, previous: undefined },
    });
  });

  /** A dead letter that failed so long ago, with or without a fence, and what became of its copy. */
  async function bury(
    record: LogRecord,
    {
      daysAgo = 31,
      fence = false,
      copy = 'published',
    }: { daysAgo?: number; fence?: boolean; copy?: 'published' | 'refused' | 'to come' } = {},
  ): Promise<void> {
    await inTransaction(database.pool, (tx) => lot.bury(tx, record, reason, fence));
    if (copy !== 'to come') {
      for (const dead of await lot.unpublished(at, { epoch: EPOCH, limit: 100 })) {
        if (dead.offset === record.offset) await lot.notePublished(dead, copy);
      }
    }
    await database.query(
      `UPDATE millrace.parked_record SET failed_at = now() - $3 * interval '1 day' WHERE reader = $1 AND record_offset = $2`,
      [reader, record.offset, daysAgo],
    );
  }
  const queueBehind = (record: LogRecord) =>
    inTransaction(database.pool, async (tx) => {
      expect(await lot.hold(tx, at, [fenceOf(record)])).toHaveLength(1);
      await lot.queue(tx, [record]);
    });
  const kept = async () => {
    const found = await new ParkedRecords(database.pool, reader).list({}, { limit: 1_000 });
    return found.map(({ offset, state }) => `${offset} ${state}`);
  };

  it('are removed, and counted in the log; younger ones, and those of other groups, are not', async () => {
    await bury(recordAt(1, 'a'));
    await bury(recordAt(2, 'b'), { daysAgo: 29 });
    await bury(recordAt(3, 'a'), { daysAgo: 365 });
    const other = new OldDeadLetters(database.pool, {
      ...{ reader: 'group/other', retentionMs: DAY_MS, log: silentLogger },
    });
    expect(await other.removeOld(100)).toBe(0);
    expect(await old.removeOld(100)).toBe(2);
    expect(await old.removeOld(100)).toBe(0);
    expect(await kept()).toEqual(['2 dead']);
    expect(removed).toEqual([{ reader, count: 2 }]);
  });

  it('stay where PostgreSQL alone has them: their copy is still to come, or was refused', async () => {
    await bury(recordAt(1, 'a'), { copy: 'to come' });
    await bury(recordAt(2, 'b'), { copy: 'refused' });
    expect(await old.removeOld(100)).toBe(0);
    expect(await kept()).toEqual(['1 dead', '2 dead']);
  });

  it('stay as long as their key is fenced, and so does what waits behind them, however old', async () => {
    await bury(recordAt(1, 'a'), { daysAgo: 4_000, fence: true });
    await queueBehind(recordAt(2, 'a'));
    await bury(recordAt(3, 'b'), { daysAgo: 4_000, fence: true });
    // One of the same key from when the group let its keys go: nobody can tell it from the one that fences.
    await bury(recordAt(4, 'b'), { daysAgo: 4_000 });
    await bury(recordAt(5, 'c'));
    expect(await old.removeOld(100)).toBe(1);
    expect(await kept()).toEqual(['1 dead', '2 queued', '3 dead', '4 dead']);
    expect((await lot.read(at)).fences).toHaveLength(2);
    await new ParkedRecords(database.pool, reader).discard({ positions: [{ ...at, offset: 3n }] });
    expect(await old.removeOld(100)).toBe(1);
    expect(await kept()).toEqual(['1 dead', '2 queued']);
  });

  it('are never records that are parked', async () => {
    await inTransaction(database.pool, (tx) => lot.park(tx, recordAt(1, 'a'), reason, 0));
    await queueBehind(recordAt(2, 'a'));
    await database.query(`UPDATE millrace.parked_record SET failed_at = now() - interval '9 years', parked_at = now() - interval '9 years'
                           WHERE reader = '${reader}'`);
    expect(await old.removeOld(100)).toBe(0);
    expect(await kept()).toEqual(['1 queued', '2 queued']);
  });

  it('without a key hold nothing up: their fences go with them', async () => {
    await bury(recordAt(1, null), { fence: true });
    await bury(recordAt(2, null), { fence: true, daysAgo: 1 });
    await bury(recordAt(3, 'a'), { fence: true });
    expect(await old.removeOld(100)).toBe(1);
    expect(await kept()).toEqual(['2 dead', '3 dead']);
    const drained = await lot.drain(at, { epoch: EPOCH, limit: 10 }, () => Promise.reject(new Error('ran')));
    expect(drained).toEqual({ records: 0, released: ['o1'] });
    expect([...(await lot.read(at)).fences].sort()).toEqual(['ka', 'o2']);
  });

  it('go in small batches, the oldest first, by any number of instances at once', async () => {
    const offsets = Array.from({ length: 60 }, (_, offset) => offset);
    for (const offset of offsets) {
      const keyless = offset % 3 === 0;
      await bury(recordAt(offset, keyless ? null : 'a'), { daysAgo: 40 + offset, fence: keyless });
    }
    expect(await old.removeOld(5)).toBe(5);
    expect((await kept()).slice(-4)).toEqual(['51 dead', '52 dead', '54 dead', '57 dead']);
    const counts = await Promise.all(Array.from({ length: 8 }, () => old.removeOld(10)));
    expect(Math.max(...counts)).toBeLessThanOrEqual(10);
    while ((await old.removeOld(10)) > 0);
    expect(await kept()).toEqual([]);
    const total = removed.reduce((sum, each) => sum + ('count' in each ? Number(each.count) : 0), 0);
    expect(total).toBe(60);
  });

  it('that somebody redrives at this moment are left to that one, who does not wait either', async () => {
    await bury(recordAt(1, 'a'));
    await bury(recordAt(2, null), { fence: true });
    const parked = new ParkedRecords(database.pool, reader);
    await inTransaction(database.pool, async (tx) => {
      const here = 'WHERE reader = $1';
      await tx.query(`SELECT 1 FROM millrace.key_fence ${here} FOR NO KEY UPDATE`, [reader]);
      await tx.query(`UPDATE millrace.parked_record SET state = 'queued' ${here} AND key IS NOT NULL`, [
        reader,
      ]);
      expect(await old.removeOld(100)).toBe(0);
    });
    expect(await kept()).toEqual(['1 queued', '2 dead']);
    const [redriven, gone] = await Promise.all([parked.redrive({ state: 'dead' }), old.removeOld(100)]);
    expect(redriven + gone).toBe(1);
  });

  it('leave the age of the oldest that is kept in view', async () => {
    const oldest = async () => {
      const counts = await new ParkedRecords(database.pool, reader).counts();
      return counts.map(({ dead, oldestDeadSeconds }) => ({
        dead,
        days: oldestDeadSeconds === null ? null : Math.floor(oldestDeadSeconds / 86_400),
      }));
    };
    await bury(recordAt(1, 'a'), { daysAgo: 40.5, fence: true });
    await bury(recordAt(2, 'b'), { daysAgo: 90.5 });
    await queueBehind(recordAt(3, 'a'));
    expect(await oldest()).toEqual([{ dead: 2, days: 90 }]);
    await old.removeOld(100);
    expect(await oldest()).toEqual([{ dead: 1, days: 40 }]);
    await new ParkedRecords(database.pool, reader).discard({ state: 'dead' });
    expect(await oldest()).toEqual([{ dead: 0, days: null }]);
  });
});
