import fc from 'fast-check';
import { KnownRow, KnownRows } from './known-rows';

const rows = fc.oneof(fc.constant(null), fc.record({ text: fc.string({ maxLength: 400 }) }));
const keys = fc.constantFrom('a', 'b', 'c', 'd');
const uses = fc.array(fc.tuple(keys, fc.constantFrom('put', 'get', 'forget', 'trim'), rows), {
  maxLength: 100,
});

const find = (known: KnownRows, key: string) => known.recent(key) ?? known.older(key);

describe('rows that are known', () => {
  it('are those that were put last, or nothing is known of a key', () => {
    fc.assert(
      fc.property(uses, fc.integer({ min: 0, max: 3_000 }), (log, maxBytes) => {
        const known = new KnownRows(maxBytes);
        const model = new Map<string, unknown>();
        for (const [key, use, state] of log) {
          if (use === 'put') {
            known.put(new KnownRow(key, state));
            model.set(key, state);
          } else if (use === 'forget') {
            known.forget(key);
            model.delete(key);
          } else if (use === 'trim') known.trim();
          else {
            const found = find(known, key);
            if (found !== undefined || !model.has(key)) expect(found?.committed).toEqual(model.get(key));
          }
        }
      }),
    );
  });

  it('are all there until they are trimmed, whatever their size', () => {
    const known = new KnownRows(1);
    for (const key of ['a', 'b', 'c']) known.put(new KnownRow(key, null));
    expect(['a', 'b', 'c'].map((key) => find(known, key)?.committed)).toEqual([null, null, null]);
  });

  it('stay for as long as they are used, whatever comes beside them', () => {
    const known = new KnownRows(100_000);
    known.put(new KnownRow('used', { text: 'x' }));
    for (let other = 0; other < 10_000; other++) {
      known.put(new KnownRow(`other-${other}`, { text: 'y' }));
      expect(find(known, 'used')?.committed).toEqual({ text: 'x' });
      known.trim();
    }
  });

  it.each([
    [
      'when they are put',
      (known: KnownRows, key: string, text: string) => known.put(new KnownRow(key, { text })),
    ],
    [
      'when they are filled later',
      (known: KnownRows, key: string, text: string) => {
        known.put(new KnownRow(key, null));
        known.filled({ text });
      },
    ],
  ])('are bounded by their size, long texts included, %s', (_, put) => {
    const mostOf = (text: string) => {
      const known = new KnownRows(100_000);
      let most = 0;
      for (let key = 0; key < 2_000; key++) {
        known.trim();
        put(known, `key-${key}`, text);
        most = Math.max(most, known.size);
      }
      return most;
    };
    expect(mostOf('')).toBeLessThan(100_000 / 300);
    expect(mostOf('x'.repeat(9_700))).toBeLessThan(100_000 / 9_700 + 2);
  });
});
