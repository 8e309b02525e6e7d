import fc from 'fast-check';
import { KeysSeen } from './keys-seen';

describe('keys that were seen', () => {
  it('are known, each of them, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 200 }), (keys) => {
        const seen = new KeysSeen(1_000_000);
        for (const key of keys) seen.add(key);
        expect(keys.filter((key) => !seen.mayHave(key))).toEqual([]);
      }),
    );
  });

  it.each([
    ['numbered keys', (index: number) => `3m-${String(index).padStart(7, '0')}`],
    ['keys that differ in front', (index: number) => `${index}-${'x'.repeat(30)}`],
    [
      'keys like UUIDs',
      (index: number) => `${(index * 2_654_435_761).toString(16)}-4b1d-${index.toString(16)}`,
    ],
  ])('are told from others nearly always, while %s become many', (_what, keyOf) => {
    const seen = new KeysSeen(8_388_608);
    const added = 40_000;
    let mistaken = 0;
    for (let index = 0; index < added; index++) {
      if (seen.mayHave(keyOf(index))) mistaken += 1;
      seen.add(keyOf(index));
    }
    expect(mistaken).toBeLessThan(added / 50);
    for (let index = 0; index < added; index += 17) expect(seen.mayHave(keyOf(index))).toBe(true);
  });

  it('are more than there is room for at last, and then any key may be one of them', () => {
    const seen = new KeysSeen(100_000);
    expect(seen.mayHave('a')).toBe(false);
    for (let index = 0; index < 100_000; index++) seen.add(`key-${index}`);
    expect(seen.mayHave('a key that was never added')).toBe(true);
  });
});
