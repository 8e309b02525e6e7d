import { jest } from '@jest/globals';
import { Lanes } from './lanes';

/** Lanes whose items end when the test says so. */
function trialOf(options: { concurrency?: number; capacity?: number } = {}) {
  const begun: string[] = [];
  const aborted: string[] = [];
  const ends = new Map<string, () => void>();
  const lanes = new Lanes<string>({
    ...options,
    run: (item, signal) => {
      begun.push(item);
      signal.addEventListener('abort', () => aborted.push(item));
      return new Promise((resolve) => ends.set(item, resolve));
    },
  });
  const end = async (item: string) => {
    ends.get(item)!();
    await settled();
  };
  return { lanes, begun, aborted, end };
}

/** Lets all go on that waits for nothing but promises. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe('lanes', () => {
  it('run the items of a key one after another, and other keys meanwhile', async () => {
    const { lanes, begun, end } = trialOf();
    for (const item of ['a1', 'a2', 'b1']) lanes.offer(item, item.charAt(0));
    expect(begun).toEqual(['a1', 'b1']);
    await end('a1');
    expect(begun).toEqual(['a1', 'b1', 'a2']);
  });

  it('run items without a key at once, whatever else has none', () => {
    const { lanes, begun } = trialOf();
    for (const item of ['x', 'y', 'z']) lanes.offer(item, undefined);
    expect(begun).toEqual(['x', 'y', 'z']);
    expect(lanes.keys).toBe(0);
  });

  it('take turns: a key with many items does not keep the others waiting', async () => {
    const { lanes, begun, end } = trialOf({ concurrency: 1 });
    for (let count = 1; count <= 100; count++) lanes.offer(`a${count}`, 'a');
    lanes.offer('b1', 'b');
    await end('a1');
    await end('b1');
    expect(begun).toEqual(['a1', 'b1', 'a2']);
  });

  it('keep an empty key apart from no key', () => {
    const { lanes, begun } = trialOf();
    for (const item of ['x', 'y']) lanes.offer(item, '');
    expect(begun).toEqual(['x']);
  });

  it('take in no more than their capacity, and say when there is room again', async () => {
    const { lanes, end } = trialOf({ concurrency: 1, capacity: 2 });
    lanes.offer('a1', 'a');
    expect(lanes.hasRoom).toBe(true);
    lanes.offer('a2', 'a');
    expect(lanes.hasRoom).toBe(false);
    expect(() => lanes.offer('a3', 'a')).toThrow('lanes are full: 2 items are inside');
    await end('a1');
    expect(lanes.hasRoom).toBe(true);
    expect(lanes.inside).toBe(1);
  });

  it('are idle when nothing is inside', async () => {
    const { lanes, end } = trialOf({ concurrency: 1 });
    await lanes.idle();
    for (const item of ['a', 'b']) lanes.offer(item, item);
    let isIdle = false;
    void lanes.idle().then(() => (isIdle = true));
    await end('a');
    expect(isIdle).toBe(false);
    await end('b');
    expect(isIdle).toBe(true);
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency of lanes: expected a positive whole number, got 0'],
    [{ concurrency: 1.5 }, 'got 1.5'],
    [{ concurrency: 10, capacity: 9 }, 'capacity of lanes: expected a whole number of at least 10, got 9'],
  ])('refuse bounds that make no sense: %j', (bounds, message) => {
    expect(() => trialOf(bounds)).toThrow(message);
  });

  describe('that are stopped', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    it('begin nothing any more, and let what runs end within its grace', async () => {
      const { lanes, begun, aborted, end } = trialOf({ concurrency: 2 });
      for (const item of ['a1', 'a2', 'b1', 'c1']) lanes.offer(item, item.charAt(0));
      let isOver = false;
      void lanes.stop(1_000).then(() => (isOver = true));
      lanes.offer('d1', 'd');
      expect(lanes.inside).toBe(2);
      await jest.advanceTimersByTimeAsync(999);
      await end('a1');
      expect(isOver).toBe(false);
      await end('b1');
      expect(isOver).toBe(true);
      expect(jest.getTimerCount()).toBe(0);
      expect(begun).toEqual(['a1', 'b1']);
      expect(aborted).toEqual([]);
    });

    it('abort what runs longer than its grace, and wait until it has ended', async () => {
      const { lanes, aborted, end } = trialOf();
      for (const item of ['a1', 'b1']) lanes.offer(item, item.charAt(0));
      let isOver = false;
      void lanes.stop(1_000).then(() => (isOver = true));
      await end('a1');
      await jest.advanceTimersByTimeAsync(999);
      expect(aborted).toEqual([]);
      await jest.advanceTimersByTimeAsync(1);
      expect(aborted).toEqual(['b1']);
      expect(isOver).toBe(false);
      await end('b1');
      expect(isOver).toBe(true);
    });

    it('take the shortest grace of several stops, and tell the reason', async () => {
      let seen: unknown;
      const lanes = new Lanes<string>({
        run: (_item, signal) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              seen = signal.reason;
              resolve();
            });
          }),
      });
      lanes.offer('a', 'a');
      const stops = [lanes.stop(Infinity, 'at leisure'), lanes.stop(50, 'in a hurry')];
      await jest.advanceTimersByTimeAsync(50);
      await Promise.all(stops);
      expect(seen).toBe('in a hurry');
    });

    it('have room, so that nobody waits for it for ever, and run nothing that is offered', () => {
      const { lanes, begun } = trialOf({ concurrency: 1, capacity: 1 });
      lanes.offer('a1', 'a');
      void lanes.stop(1_000);
      expect(lanes.hasRoom).toBe(true);
      lanes.offer('b1', 'b');
      expect(begun).toEqual(['a1']);
    });

    it('may be stopped by an item that begins in the place of another', async () => {
      const begun: string[] = [];
      const lanes: Lanes<string> = new Lanes<string>({
        concurrency: 1,
        run: async (item) => {
          begun.push(item);
          if (item === 'b') void lanes.stop(1_000);
        },
      });
      for (const item of ['a', 'b', 'c']) lanes.offer(item, item);
      await lanes.idle();
      expect(begun).toEqual(['a', 'b']);
      expect(lanes.inside).toBe(0);
    });

    it('are over at once when nothing runs', async () => {
      await trialOf().lanes.stop(1_000);
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
