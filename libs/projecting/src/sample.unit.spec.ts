import * as fc from 'fast-check';
import { isInSample, thresholdOf } from './sample';

const seed = fc.string({ maxLength: 8 });

describe('a sample of keys', () => {
  it('is the same keys whenever it is asked, and among them all of a smaller sample of the same seed', () => {
    const shares = fc.tuple(
      fc.double({ min: 1e-9, max: 1, noNaN: true }),
      fc.double({ min: 1e-9, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(seed, fc.string(), shares, (chosen, key, [one, other]) => {
        const [small, large] = [Math.min(one, other), Math.max(one, other)];
        const isIn = (share: number) => isInSample({ seed: chosen, share }, key);
        expect(isIn(small)).toBe(isIn(small));
        if (isIn(small)) expect(isIn(large)).toBe(true);
      }),
    );
  });

  it('is about the share that was asked for, and other keys with another seed', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `key-${index}`);
    const chosen = (name: string) => keys.filter((key) => isInSample({ seed: name, share: 0.05 }, key));
    const [one, other] = [chosen('a'), new Set(chosen('b'))];
    expect(one.length).toBeGreaterThan(900);
    expect(one.length).toBeLessThan(1_100);
    const both = one.filter((key) => other.has(key));
    expect(both.length).toBeLessThan(120);
  });

  it('of everything leaves nothing out', () => {
    fc.assert(fc.property(seed, fc.string(), (name, key) => isInSample({ seed: name, share: 1 }, key)));
    expect(thresholdOf({ seed: '', share: 1 })).toBe(2 ** 32);
    expect(thresholdOf({ seed: '', share: 1e-12 })).toBe(1);
  });
});
