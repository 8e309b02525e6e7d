import * as fc from 'fast-check';
import { Lanes } from './lanes';

interface Offered {
  readonly key: string | undefined;
  /** Its place among all that was offered. */
  readonly index: number;
}

const bounds = fc.integer({ min: 1, max: 5 }).chain((concurrency) =>
  fc.record({
    concurrency: fc.constant(concurrency),
    capacity: fc.integer({ min: concurrency, max: concurrency + 6 }),
  }),
);
const someKey = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c') },
  fc.string({ maxLength: 2 }),
  fc.constant(undefined),
);
const keysOffered = fc.array(someKey, { maxLength: 40 });

/** Looks at every begin and end at what must always hold, and notes what does not: an item must not throw. */
function watched(scheduler: fc.Scheduler, limits: { concurrency: number; capacity: number }) {
  const running = new Set<Offered>();
  const begun: Offered[] = [];
  const ended: Offered[] = [];
  const faults: string[] = [];
  const lanes: Lanes<Offered> = new Lanes<Offered>({
    ...limits,
    run: async (item, signal) => {
      if (begun.includes(item)) faults.push(`${item.index} runs again`);
      if ([...running].some(({ key }) => key !== undefined && key === item.key)) faults.push('two of a key');
      begun.push(item);
      running.add(item);
      if (running.size > limits.concurrency) faults.push(`${running.size} run at once`);
      if (lanes.running !== running.size) faults.push(`${running.size} run, not ${lanes.running}`);
      await scheduler.schedule(Promise.resolve(), `${item.key} ${item.index}`);
      if (signal.aborted) faults.push(`${item.index} was aborted`);
      running.delete(item);
      ended.push(item);
    },
  });
  const offerAll = async (
    keys: readonly (string | undefined)[],
    after: (index: number) => void = () => {},
  ) => {
    for (const [index, key] of keys.entries()) {
      while (!lanes.hasRoom) await scheduler.schedule(Promise.resolve(), 'looks for room');
      lanes.offer({ key, index }, key);
      if (lanes.inside > limits.capacity) faults.push(`${lanes.inside} are inside`);
      after(index);
    }
  };
  const begunOf = (key: string) => begun.filter((item) => item.key === key).map(({ index }) => index);
  return { lanes, running, begun, ended, faults, offerAll, begunOf };
}

const rising = (places: readonly number[]) => places.toSorted((a, b) => a - b);

describe('the law of lanes', () => {
  it('is that every item runs once, in order within its key, never two of a key, within both bounds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), bounds, keysOffered, async (scheduler, limits, keys) => {
        const { lanes, ended, faults, offerAll, begunOf } = watched(scheduler, limits);
        const offering = offerAll(keys);
        await scheduler.waitFor(offering);
        await scheduler.waitFor(lanes.idle());
        expect(faults).toEqual([]);
        expect(rising(ended.map(({ index }) => index))).toEqual([...keys.keys()]);
        for (const key of new Set(keys))
          if (key !== undefined) expect(begunOf(key)).toEqual(rising(begunOf(key)));
        expect([lanes.inside, lanes.running, lanes.keys]).toEqual([0, 0, 0]);
      }),
    );
  });

  it('is that no slot stands free while a key waits whose turn it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), bounds, keysOffered, async (scheduler, limits, keys) => {
        const { lanes, running, begun, offerAll } = watched(scheduler, limits);
        const offered: (string | undefined)[] = [];
        const assertBusy = () => {
          const waiting = offered.flatMap((key, index) =>
            begun.some((item) => item.index === index) ? [] : [{ key, index }],
          );
          const ready = waiting.filter(
            ({ key }) => key === undefined || ![...running].some((item) => item.key === key),
          );
          if (ready.length > 0) expect(running.size).toBe(limits.concurrency);
        };
        const offering = offerAll(keys, (index) => {
          offered.push(keys[index]);
          assertBusy();
        });
        await scheduler.waitFor(offering);
        await scheduler.waitFor(lanes.idle());
        expect(begun.length).toBe(keys.length);
      }),
    );
  });

  it('is that lanes which are stopped begin nothing more, leave nothing behind, and lose nothing that began', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        bounds,
        keysOffered,
        fc.nat(40),
        async (scheduler, limits, keys, stopAfter) => {
          const { lanes, begun, ended, faults, offerAll, begunOf } = watched(scheduler, limits);
          let stopping: Promise<void> | undefined;
          let begunAtStop = 0;
          const stop = () => {
            stopping = lanes.stop(60_000);
            begunAtStop = begun.length;
          };
          const offering = offerAll(keys, (index) => {
            if (index === stopAfter) stop();
          });
          await scheduler.waitFor(offering);
          if (stopping === undefined) stop();
          await scheduler.waitFor(stopping!);
          expect(faults).toEqual([]);
          expect(begun.length).toBe(begunAtStop);
          expect(new Set(ended)).toEqual(new Set(begun));
          for (const key of new Set(keys))
            if (key !== undefined) expect(begunOf(key)).toEqual(rising(begunOf(key)));
          expect([lanes.inside, lanes.running, lanes.keys]).toEqual([0, 0, 0]);
        },
      ),
    );
  });
});
