import fc from 'fast-check';
import { RepeatWindow } from './repeat-window';

/** The definition, said without any window: look back through the log itself. */
function repeatsByTheLog(log: readonly string[], distance: number): boolean[] {
  return log.map((identity, offset) => log.slice(Math.max(0, offset - distance), offset).includes(identity));
}

const logs = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 60 });

describe('a repeat window', () => {
  it('calls a record a repeat exactly when its identity lies within the distance before it', () => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 0, max: 12 }), (log, distance) => {
        const window = new RepeatWindow(BigInt(distance));
        const seen = log.map((identity, offset) => window.observe(identity, BigInt(offset)));
        expect(seen).toEqual(repeatsByTheLog(log, distance));
      }),
    );
  });

  it('decides the same after a restart that was shown the distance before its start', () => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 0, max: 12 }), fc.nat(60), (log, distance, cut) => {
        const start = Math.min(cut, log.length);
        const restarted = new RepeatWindow(BigInt(distance));
        const decisions = new Map<number, boolean>();
        for (let offset = Math.max(0, start - distance); offset < log.length; offset++) {
          decisions.set(offset, restarted.observe(log[offset] ?? '', BigInt(offset)));
        }
        const expected = repeatsByTheLog(log, distance);
        for (let offset = start; offset < log.length; offset++) {
          expect(decisions.get(offset)).toBe(expected[offset]);
        }
      }),
    );
  });

  it('holds no more identities than twice the distance has', () => {
    const window = new RepeatWindow(100n);
    let most = 0;
    for (let offset = 0; offset < 10_000; offset++) {
      window.observe(`id-${offset}`, BigInt(offset));
      most = Math.max(most, window.size);
    }
    expect(most).toBe(202);
  });
});
