import type { ParkedRecord, ParkingReason } from '@millrace/delivery';
import { fenceOf } from '@millrace/delivery';
import { LooseRecord } from '@millrace/event';
import type { LogRecord } from '@millrace/event';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { inTransaction } from '../in-transaction';
import { ParkingStore, PositionStore } from '../index';

const at = { topic: 'flights', partition: 3 };
const EPOCH = 1n;
const reason: ParkingReason = { kind: 'exhausted', name: 'SeatTakenError', message: 'seat 12A', attempts: 3 };

/** A record whose key may be any bytes. */
function recordAt(
  offset: number,
  key: Buffer | null,
  value: Buffer | null = Buffer.from([0, offset]),
): LogRecord {
  return new LooseRecord({
    ...{ ...at, offset: BigInt(offset), key, value, timestampMs: 1_700_000_000_000 + offset },
    headers: [
      ['ce_id', Buffer.from(`event-${offset}`)],
      ['trace', Buffer.from([0xff, 0x00])],
      ['trace', null],
    ],
  });
}

describe('the parking lot in PostgreSQL', () => {
  let database: TestDatabase;
  let lot: ParkingStore;
  let readers = 0;
  const a = Buffer.from('a');
  const b = Buffer.from([0x00, 0xff, 0x27]);

  beforeAll(async () => {
    database = await createPlatformDatabase();
  });

  afterAll(() => database.drop());

  beforeEach(async () => {
    const reader = `group/trial-${(readers += 1)}`;
    lot = new ParkingStore(database.pool, reader);
    await new PositionStore(database.pool, reader).take(at, {
      ...{ start: 0n, partitionCount: 6, previous: undefined },
    });
  });

  const park = (record: LogRecord, delayMs = 0) =>
    inTransaction(database.pool, (tx) => lot.park(tx, record, reason, delayMs));
  const append = (...records: LogRecord[]) =>
    inTransaction(database.pool, async (tx) => {
      const held = await lot.hold(tx, at, records.map(fenceOf));
      await lot.queue(
        tx,
        records.filter((record) => held.includes(fenceOf(record))),
      );
      return held;
    });
  const drain = async (limit = 100) => {
    const ran: ParkedRecord[] = [];
    const drained = await lot.drain(at, { epoch: EPOCH, limit }, async (_tx, records) => {
      ran.push(...records);
    });
    return { ...drained, ran };
  };
  const offsets = (records: readonly LogRecord[]) => records.map(({ offset }) => Number(offset));

  it('gives records back as they lay in the log, whatever their keys, values and headers', async () => {
    const records = [recordAt(1, b), recordAt(2, null), recordAt(3, Buffer.alloc(0), null)];
    for (const record of records) await park(record);
    const { ran } = await drain();
    const shapeOf = (record: LogRecord) => ({
      ...{ offset: record.offset, key: record.key, value: record.value, timestampMs: record.timestampMs },
      ...{ headers: record.rawHeaders(), id: record.rawHeaders()[0]?.[1]?.toString() },
    });
    expect(ran.map(shapeOf)).toEqual(records.map(shapeOf));
    expect(ran[0]?.header('ce_id')).toBe('event-1');
  });

  it('drains the queues of several keys in the order of the log, and takes their fences away', async () => {
    await park(recordAt(1, a));
    await park(recordAt(2, b));
    await append(recordAt(3, a), recordAt(4, b), recordAt(5, a));
    const { fences, records } = await lot.read(at);
    expect({ fences: [...fences].sort(), records }).toEqual({
      fences: ['ka', `k${b.toString('latin1')}`].sort(),
      records: 5,
    });
    const first = await drain(3);
    expect(offsets(first.ran)).toEqual([1, 2, 3]);
    expect(first.released).toEqual([]);
    const second = await drain(3);
    expect(offsets(second.ran)).toEqual([4, 5]);
    expect([...second.released].sort()).toEqual(['ka', `k${b.toString('latin1')}`].sort());
    expect(await lot.read(at)).toMatchObject({ fences: [], records: 0 });
  });

  it('says of a fence that is gone that it does not stand, and takes nothing for it', async () => {
    await park(recordAt(1, a));
    await drain();
    expect(await append(recordAt(2, a))).toEqual([]);
    expect(await lot.read(at)).toMatchObject({ fences: [], records: 0 });
  });

  it('drains nothing before it is due, and nothing under another epoch', async () => {
    await park(recordAt(1, a), 60_000);
    expect((await drain()).ran).toEqual([]);
    await park(recordAt(2, b));
    const other = await lot.drain(at, { epoch: EPOCH + 1n, limit: 10 }, () =>
      Promise.reject(new Error('ran')),
    );
    expect(other).toEqual({ records: 0, released: [] });
    expect(offsets((await drain()).ran)).toEqual([2]);
  });

  it('keeps everything when the effects of a drain throw', async () => {
    await park(recordAt(1, a));
    await append(recordAt(2, a));
    await expect(
      lot.drain(at, { epoch: EPOCH, limit: 10 }, () => Promise.reject(new Error('seat 12A'))),
    ).rejects.toThrow('seat 12A');
    expect(offsets((await drain()).ran)).toEqual([1, 2]);
  });

  it('a postponed queue waits, knows its tries, and lets other keys flow', async () => {
    await park(recordAt(1, a));
    await park(recordAt(2, b));
    const [first] = (await drainOnly()).filter(({ offset }) => offset === 1n);
    await lot.postpone(first!, EPOCH, { reason: { ...reason, attempts: 4 }, delayMs: 60_000 });
    expect(offsets((await drain()).ran)).toEqual([2]);
    const rows = await database.query(
      'SELECT attempts, error_message FROM millrace.parked_record WHERE record_offset = 1 AND attempts = 4',
    );
    expect(rows).toEqual([{ attempts: 4, error_message: 'seat 12A' }]);
  });

  it('a dead letter keeps its key fenced, or lets the queue behind it go on', async () => {
    for (const [key, fence] of [
      [a, true],
      [b, false],
    ] as const) {
      const from = fence ? 10 : 20;
      await park(recordAt(from, key));
      await append(recordAt(from + 1, key));
      const [head] = (await drainOnly()).filter(({ offset }) => offset === BigInt(from));
      await lot.buryQueued(head!, EPOCH, { reason, fence });
      expect(offsets((await drain()).ran)).toEqual(fence ? [] : [21]);
    }
    expect(await lot.read(at)).toMatchObject({ fences: ['ka'], records: 1 });
  });

  it('a record that is buried from the log needs no fence', async () => {
    await inTransaction(database.pool, (tx) => lot.bury(tx, recordAt(1, a), reason, false));
    await inTransaction(database.pool, (tx) => lot.bury(tx, recordAt(2, b), reason, true));
    expect((await lot.read(at)).fences).toEqual([`k${b.toString('latin1')}`]);
    expect((await drain()).ran).toEqual([]);
  });

  it('a record that comes while its queue empties is queued and run, or finds no fence: never stuck, never lost', async () => {
    for (let round = 0; round < 40; round++) {
      const offset = round * 10;
      await park(recordAt(offset, a));
      const [{ ran }, held] = await Promise.all([drain(), append(recordAt(offset + 1, a))]);
      expect(offsets(ran).slice(0, 1)).toEqual([offset]);
      const late = offsets((await drain()).ran);
      const all = [...offsets(ran), ...late];
      expect(all).toEqual(held.length === 0 ? [offset] : [offset, offset + 1]);
      expect(await lot.read(at)).toMatchObject({ fences: [], records: 0 });
    }
  });

  it('a record that comes while calls for its queue end is behind a fence that stands, or that is put up again', async () => {
    for (let round = 0; round < 40; round++) {
      const offset = round * 10;
      await park(recordAt(offset, a));
      const [first] = await lot.due(at, { epoch: EPOCH, limit: 10 });
      const [finished] = await Promise.all([
        lot.finish([first!], EPOCH),
        inTransaction(database.pool, async (tx) => {
          await lot.ensure(tx, at, ['ka']);
          await lot.queue(tx, [recordAt(offset + 1, a)]);
        }),
      ]);
      expect(finished.records).toBe(1);
      expect(await lot.read(at)).toMatchObject({ fences: ['ka'], records: 1 });
      const late = await lot.due(at, { epoch: EPOCH, limit: 10 });
      expect(offsets(late)).toEqual([offset + 1]);
      expect(await lot.finish(late, EPOCH)).toEqual({ records: 1, released: ['ka'] });
      expect(await lot.read(at)).toMatchObject({ fences: [], records: 0 });
    }
  });

  it('a slow handler of a drain does not keep a record of its key from being queued', async () => {
    await park(recordAt(1, a));
    const running = Promise.withResolvers<() => void>();
    const slow = lot.drain(
      at,
      { epoch: EPOCH, limit: 10 },
      () => new Promise((resolve) => running.resolve(resolve)),
    );
    const go = await running.promise;
    const held = await append(recordAt(2, a));
    expect(held).toEqual(['ka']);
    go();
    expect(await slow).toEqual({ records: 1, released: [] });
    expect(offsets((await drain()).ran)).toEqual([2]);
  });

  it('two who drain at once run each record once', async () => {
    await park(recordAt(1, a));
    await append(...Array.from({ length: 50 }, (_, index) => recordAt(2 + index, a)));
    const both = await Promise.all([drain(10), drain(10), drain(10)]);
    const ran = both.flatMap((each) => offsets(each.ran));
    expect([...ran].sort((x, y) => x - y)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  it('takes what is in the first eight mebibytes, and one record however large', async () => {
    const large = Buffer.alloc(5 * 1024 * 1024, 1);
    await park(recordAt(1, a, large));
    await append(recordAt(2, a, large), recordAt(3, a, large));
    expect(offsets((await drain()).ran)).toEqual([1, 2]);
    expect(offsets((await drain()).ran)).toEqual([3]);
  });

  /** What a drain would run, without running it. */
  async function drainOnly(): Promise<ParkedRecord[]> {
    const seen: ParkedRecord[] = [];
    await lot
      .drain(at, { epoch: EPOCH, limit: 100 }, async (_tx, records) => {
        seen.push(...records);
        throw new Error('only looking');
      })
      .catch(() => undefined);
    return seen;
  }
});
