import * as fc from 'fast-check';
import { fullJitterMs } from './backoff';

describe('backoff with full jitter', () => {
  it('draws from zero to the bound, which doubles up to its maximum and never overflows', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.record({
          initialMs: fc.integer({ min: 1, max: 5_000 }),
          maxMs: fc.integer({ min: 1, max: 60_000 }),
        }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, backoff, random) => {
          const bound = Math.min(backoff.maxMs, backoff.initialMs * 2 ** Math.min(failures, 60));
          const waitMs = fullJitterMs(failures, backoff, () => random);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(bound);
          expect(waitMs).toBeCloseTo(random * bound, 6);
        },
      ),
    );
  });
});
