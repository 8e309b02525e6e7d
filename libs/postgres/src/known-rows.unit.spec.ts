import fc from 'fast-check';
import { KnownRows } from './known-rows';

const rows = fc.oneof(fc.constant(null), fc.record({ text: fc.string({ maxLength: 400 }) }));
const keys = fc.constantFrom('a', 'b', 'c', 'd');
const uses = fc.array(fc.tuple(keys, fc.constantFrom('set', 'get', 'forget'), rows), { maxLength: 100 });

describe('rows that are known', () => {
  it('are those that were set last, or nothing is known of a key', () => {
    fc.assert(
      fc.property(uses, fc.integer({ min: 0, max: 3_000 }), (log, maxBytes) => {
        const known = new KnownRows(maxBytes);
        const model = new Map<string, unknown>();
        for (const [key, use, row] of log) {
          if (use === 'set') {
            known.set(key, row);
            model.set(key, row);
          } else if (use === 'forget') {
            known.forget(key);
            model.delete(key);
          } else {
            const found = known.get(key);
            if (found !== undefined || !model.has(key)) expect(found).toEqual(model.get(key));
          }
        }
      }),
    );
  });

  it('stay for as long as they are used, whatever comes beside them', () => {
    const known = new KnownRows(100_000);
    known.set('used', { text: 'x' });
    for (let other = 0; other < 10_000; other++) {
      known.set(`other-${other}`, { text: 'y' });
      expect(known.get('used')).toEqual({ text: 'x' });
    }
  });

  it('are bounded by their size, long texts included', () => {
    const mostOf = (text: string) => {
      const known = new KnownRows(100_000);
      let most = 0;
      for (let key = 0; key < 2_000; key++) {
        known.set(`key-${key}`, { text });
        most = Math.max(most, known.size);
      }
      return most;
    };
    expect(mostOf('')).toBeLessThan(100_000 / 300);
    expect(mostOf('x'.repeat(9_700))).toBeLessThan(100_000 / 9_700 + 2);
  });
});
