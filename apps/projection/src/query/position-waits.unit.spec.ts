import { setTimeout as sleep } from 'node:timers/promises';
import { PositionWaits } from './position-waits';

const at = (offset: bigint) => [{ topic: 'trial', partition: 0, offset }];
const inFuture = (ms: number) => performance.now() + ms;

describe('queries that wait for records', () => {
  it('ask for the positions together, however many they are, and nothing is asked when none waits', async () => {
    let reads = 0;
    let reached = 0;
    const waits = new PositionWaits('trial', async () => {
      reads += 1;
      await sleep(1);
      return [`trial/0/${reached}`];
    });
    const all = Array.from({ length: 500 }, () => waits.until(at(7n), inFuture(5_000)));
    while (reads < 3) await sleep(1);
    reached = 7;
    expect(new Set((await Promise.all(all)).map(({ isIncluded }) => isIncluded))).toEqual(new Set([true]));
    expect(reads).toBeLessThan(20);
    const done = reads;
    await sleep(30);
    expect(reads).toBe(done);
    expect(await waits.until(at(3n), inFuture(0))).toEqual({ isIncluded: true, positions: ['trial/0/7'] });
  });

  it('end at the deadline of each with where the model stands', async () => {
    const waits = new PositionWaits('trial', async () => ['trial/0/4', 'trial/1/9']);
    const long = waits.until(at(5n), inFuture(60));
    const short = waits.until(at(5n), inFuture(0));
    const stands = { isIncluded: false, positions: ['trial/0/4', 'trial/1/9'] };
    const since = performance.now();
    expect(await short).toEqual(stands);
    expect(performance.now() - since).toBeLessThan(50);
    expect(await long).toEqual(stands);
  });

  it('are refused above a number, and fail with what reading fails with, after which others can wait', async () => {
    let isAway = false;
    const waits = new PositionWaits('trial', async () => {
      if (isAway) throw new Error('the database is away');
      return [];
    });
    const all = Array.from({ length: 1_000 }, () => waits.until(at(0n), inFuture(5_000)));
    expect(() => waits.until(at(0n), inFuture(5_000))).toThrow('1000 queries wait for projection trial');
    isAway = true;
    const outcomes = await Promise.allSettled(all);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
    isAway = false;
    expect(await waits.until([], inFuture(0))).toEqual({ isIncluded: true, positions: [] });
  });

  it('do not take what was being read when they came for an answer to them', async () => {
    const reading = Promise.withResolvers<readonly string[]>();
    let reads = 0;
    const waits = new PositionWaits('trial', async () => {
      reads += 1;
      return reads === 1 ? reading.promise : ['trial/0/2'];
    });
    const first = waits.until(at(0n), inFuture(0));
    const second = waits.until(at(2n), inFuture(0));
    reading.resolve(['trial/0/1']);
    expect((await first).positions).toEqual(['trial/0/1']);
    expect(await second).toEqual({ isIncluded: true, positions: ['trial/0/2'] });
  });
});
