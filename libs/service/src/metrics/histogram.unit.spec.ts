import fc from 'fast-check';
import { Histogram } from './histogram';

const BOUNDS = [0.005, 0.1, 1, 10];

describe('a histogram', () => {
  it('counts how many observations are at most each bound', () => {
    const values = fc.array(
      fc.oneof(fc.constantFrom(0, ...BOUNDS, 11), fc.double({ min: 0, max: 20, noNaN: true })),
    );
    fc.assert(
      fc.property(values, (observed) => {
        const histogram = new Histogram(BOUNDS);
        for (const value of observed) histogram.observe(value);
        expect(histogram.cumulative()).toEqual([
          ...BOUNDS.map((le) => ({ le: String(le), count: observed.filter((value) => value <= le).length })),
          { le: '+Inf', count: observed.length },
        ]);
        expect(histogram.count).toBe(observed.length);
        const twice = new Histogram(BOUNDS);
        for (const _ of [1, 2]) twice.add(structuredClone(histogram.counted));
        expect(twice.cumulative()).toEqual(
          histogram.cumulative().map(({ le, count }) => ({ le, count: count * 2 })),
        );
        expect(twice.sum).toBeCloseTo(histogram.sum * 2);
        expect(histogram.sum).toBeCloseTo(observed.reduce((sum, value) => sum + value, 0));
      }),
    );
  });
});
