import * as fc from 'fast-check';
import { KeyPlan } from './key-plan';
import type { Turn } from './key-plan';

const options = {
  seed: 1,
  streamShare: 0.5,
  clientShare: 0.5,
  outboxShare: 0,
  burst: 4,
  repeatShare: 0.2,
  invalidShare: 0.2,
};

function turns(key: string, changes: Partial<typeof options> = {}): Turn[] {
  const plan = new KeyPlan(key, { ...options, ...changes });
  return Array.from({ length: 60 }, () => plan.nextTurn());
}

describe('what a key publishes', () => {
  it('is the same for the same seed and key, and another one for others', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (seed, key) => {
        expect(turns(key, { seed })).toEqual(turns(key, { seed }));
        expect(turns(key, { seed })).not.toEqual(turns(key, { seed: seed + 1 }));
        expect(turns(key, { seed })).not.toEqual(turns(`${key}x`, { seed }));
      }),
    );
  });

  it('is numbered from 1 without gaps, invalid events aside', () => {
    const events = turns('k0').flatMap((turn) => turn.events);
    const valid = events.filter((event) => event.valid).map(({ seq }) => seq);
    expect(valid).toEqual(valid.map((_, index) => index + 1));
    expect(new Set(events.filter((event) => !event.valid).map(({ seq }) => seq))).toEqual(new Set([0]));
  });

  it('goes one by one over single requests, and up to so many at once over streams and clients', () => {
    const all = ['k0', 'k1', 'k2', 'k3'].flatMap((key) => turns(key));
    const sizes = (way: string) =>
      new Set(all.flatMap((turn) => (turn.way === way ? [turn.events.length] : [])));
    expect(sizes('single')).toEqual(new Set([1]));
    for (const way of ['stream', 'client', 'client-kafka']) {
      expect([...sizes(way)].sort()).toEqual([1, 2, 3, 4]);
    }
  });

  it('goes through the outbox with some of the keys, and with all turns of those', () => {
    const ways = Array.from(
      { length: 40 },
      (_, key) => new Set(turns(`k${key}`, { outboxShare: 0.5 }).map(({ way }) => way)),
    );
    const through = ways.filter((each) => each.has('outbox'));
    expect(through.every((each) => each.size === 1)).toBe(true);
    expect(through.length).toBeGreaterThan(10);
    expect(through.length).toBeLessThan(30);
  });

  it('takes one way alone when told to, and repeats and breaks nothing', () => {
    const plain = { repeatShare: 0, invalidShare: 0, streamShare: 0, clientShare: 0 };
    const events = turns('k0', plain).flatMap((turn) => turn.events);
    expect(new Set(turns('k0', plain).map(({ way }) => way))).toEqual(new Set(['single']));
    expect(events.every(({ valid, repeats }) => valid && !repeats)).toBe(true);
  });
});
