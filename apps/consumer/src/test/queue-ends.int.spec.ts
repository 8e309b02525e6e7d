import { diffIds, waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

interface Order {
  readonly id: string;
}

const KEYS = 12;
const ORDERS = 100;
/** Failures of five records in a row would speak against what external handlers call: between two of a key others succeed. */
const FAILING_KEYS = 4;
/** Of those every so many orders one fails: in its batch, on its own, and then no more. */
const FAILS_EVERY = 5;
const FAILURES = 2;

describe.each(['transactional', 'external'] as const)('a key of a group with %s handlers', (kind) => {
  let trial: TrialConsumer;
  const calls: string[] = [];

  afterEach(() => trial.remove());

  it('has each record once and in order, though its queue empties again and again while more of them come', async () => {
    trial = await TrialConsumer.create({
      ...{ kind, retry: { attempts: 1 } },
      parking: { attempts: 1_000, initialMs: 1, maxMs: 1, maxKeyShare: 1 },
    });
    const idOf = (key: number, nth: number) => `${key}/${nth}`;
    /** And how often each will. */
    const failing = new Map<string, number>();
    for (let key = 0; key < FAILING_KEYS; key++) {
      for (let nth = key; nth < ORDERS; nth += FAILS_EVERY) failing.set(idOf(key, nth), FAILURES);
    }
    const meet = async ({ id }: Order) => {
      const left = failing.get(id) ?? 0;
      if (left === 0) return;
      failing.set(id, left - 1);
      throw new Error('not at once');
    };
    trial.before = meet;
    trial.outside = async (order) => {
      await meet(order);
      calls.push(order.id);
    };
    await trial.start();
    const keys = Array.from({ length: KEYS }, (_, key) => key);
    const ofKey = (key: number) => Array.from({ length: ORDERS }, (_, nth) => idOf(key, nth));
    // Each key in turn, one order after another: more of it come all the time.
    for (let nth = 0; nth < ORDERS; nth++) {
      await Promise.all(keys.map((key) => trial.order(key % 3, idOf(key, nth), Math.floor(key / 3))));
    }
    const all = keys.flatMap(ofKey);
    const done = await waitFor('all orders', async () => {
      const found = kind === 'external' ? calls : await trial.taken();
      return found.length >= all.length && found;
    });
    expect(diffIds(all, done)).toEqual({ missing: [], extra: [] });
    for (const key of keys) {
      const own = new Set(ofKey(key));
      expect(done.filter((id) => own.has(id))).toEqual(ofKey(key));
    }
    expect(new Set(failing.values())).toEqual(new Set([0]));
    await waitFor('no queue and no fence to be left', async () => {
      const [left] = await trial.database.query<{ count: number }>(
        'SELECT (SELECT count(*) FROM millrace.parked_record)::int + (SELECT count(*) FROM millrace.key_fence)::int AS count',
      );
      return left?.count === 0;
    });
  });
});
