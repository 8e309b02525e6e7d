import fc from 'fast-check';
import { percentile, spreadOf } from './statistics';

describe('the spread of several rounds', () => {
  it.each([
    [[7], { median: 7, min: 7, max: 7 }],
    [[3, 1, 2], { median: 2, min: 1, max: 3 }],
    [[10, 2, 30, 4], { median: 7, min: 2, max: 30 }],
  ])('of %j is %j', (values, spread) => {
    expect(spreadOf(values)).toEqual(spread);
  });

  it('of no rounds is none', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });

  it('does not depend on the order of the rounds, and its median lies within it', () => {
    const anyRounds = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(anyRounds, (values) => {
        const { median, min, max } = spreadOf(values);
        expect(spreadOf(values.toReversed())).toEqual({ median, min, max });
        expect(min <= median && median <= max).toBe(true);
      }),
    );
  });
});

describe('a percentile', () => {
  const hundred = Array.from({ length: 101 }, (_, index) => index);

  it.each([50, 99, 99.9])('of 0 to 100 at %f is itself', (percent) => {
    expect(percentile(hundred, percent)).toBeCloseTo(percent, 9);
  });
});
