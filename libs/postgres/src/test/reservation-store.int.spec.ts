import { randomUUID } from 'node:crypto';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { ReservationStore } from '../index';
import type { ReservationRequest } from '../index';

const HOUR_MS = 3_600_000;

describe('reservations', () => {
  let database: TestDatabase;
  let store: ReservationStore;
  beforeAll(async () => {
    database = await createPlatformDatabase();
    store = new ReservationStore(database.pool, 'orders', HOUR_MS);
  });
  afterAll(() => database.drop());

  const request = (identity = randomUUID()): ReservationRequest => ({
    identity,
    content: randomUUID(),
    schemaId: 7,
  });
  const reserveOne = async (asked = request(), attempt = randomUUID()): Promise<number | undefined> =>
    (await store.reserve([asked], attempt)).get(asked.identity);
  const readOne = async ({ identity }: ReservationRequest) => (await store.read([identity])).get(identity);

  it('give an event to the first who asks, and to others what was reserved', async () => {
    const [mine, yours] = [request(), request()];
    const reservedAtMs = await reserveOne(mine);
    const reserved = await store.reserve([{ ...mine, content: randomUUID() }, yours], randomUUID());
    expect([...reserved.keys()]).toEqual([yours.identity]);
    const read = await readOne(mine);
    expect(read).toEqual({ ...mine, reservedAtMs, ageMs: expect.any(Number) as number, place: undefined });
    expect(read?.ageMs).toBeLessThan(HOUR_MS);
  });

  it('are found again by the statement that made them, when its answer was lost', async () => {
    const asked = request();
    const attempt = randomUUID();
    const reservedAtMs = await reserveOne(asked, attempt);
    expect(await reserveOne(asked, attempt)).toBe(reservedAtMs);
    expect(await reserveOne(asked)).toBeUndefined();
  });

  it('go to one of those who ask at the same time, in any order, without a deadlock', async () => {
    const requests = Array.from({ length: 300 }, () => request());
    const asked = [requests, requests.toReversed(), requests.toSorted(), requests.toReversed()];
    const all = await Promise.all(asked.map((each) => store.reserve(each, randomUUID())));
    const identities = all.flatMap((reserved) => [...reserved.keys()]);
    expect(identities.toSorted()).toEqual(requests.map(({ identity }) => identity).toSorted());
  });

  it('keep the place of their record, which nobody changes who does not hold them', async () => {
    const asked = request();
    const { identity } = asked;
    const reservedAtMs = (await reserveOne(asked)) ?? 0;
    await store.settle([{ identity, reservedAtMs: reservedAtMs - 1, partition: 1, offset: 1n }]);
    expect((await readOne(asked))?.place).toBeUndefined();
    await store.settle([{ identity, reservedAtMs, partition: 2, offset: 9_007_199_254_740_993n }]);
    await store.settle([{ identity, reservedAtMs, partition: 3, offset: 3n }]);
    expect((await readOne(asked))?.place).toEqual({ partition: 2, offset: 9_007_199_254_740_993n });
    await store.release([{ identity, reservedAtMs }]);
    expect(await readOne(asked)).toBeDefined();
  });

  it('are taken over by one, and the one before has no say from then on', async () => {
    const asked = request();
    const { identity } = asked;
    const before = { identity, reservedAtMs: (await reserveOne(asked)) ?? 0 };
    await database.query(`SELECT pg_sleep(0.002)`);
    const takes = [store.takeOver([before], randomUUID()), store.takeOver([before], randomUUID())];
    const taken = (await Promise.all(takes)).flatMap((each) => [...each.values()]);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toBeGreaterThan(before.reservedAtMs);
    await store.settle([{ ...before, partition: 1, offset: 1n }]);
    await store.release([before]);
    expect(await readOne(asked)).toMatchObject({ reservedAtMs: taken[0], place: undefined });
    await store.release([{ identity, reservedAtMs: taken[0] ?? 0 }]);
    expect(await readOne(asked)).toBeUndefined();
  });

  it('are made anew when their window is over, and removed in small steps, the oldest first', async () => {
    const topic = randomUUID();
    const others = new ReservationStore(database.pool, topic, HOUR_MS);
    const [old, older, young] = [request(), request(), request()];
    for (const [asked, hours] of [
      [old, 2],
      [older, 3],
      [young, 0],
    ] as const) {
      await others.reserve([asked], randomUUID());
      await database.query(
        `UPDATE millrace.reservation SET partition = 0, record_offset = 1,
           reserved_at = reserved_at - $1 * interval '1 hour' WHERE identity = $2`,
        [hours, asked.identity],
      );
    }
    expect((await others.reserve([old, young], randomUUID())).size).toBe(1);
    expect(await readOne(old)).toMatchObject({ place: undefined });
    expect([await others.removeOld(5), await others.removeOld(5)]).toEqual([1, 0]);
    const left = await store.read([old, older, young].map(({ identity }) => identity));
    expect([...left.keys()].toSorted()).toEqual([old.identity, young.identity].toSorted());
  });
});
