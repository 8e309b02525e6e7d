import fc from 'fast-check';
import type { ByteRange } from './log-record';
import { identityBytes, SeenIdentities } from './seen-identities';
import type { IdentityBytes } from './seen-identities';

function idOf(bytes: Uint8Array): ByteRange {
  // As it lies in a record: with something before it and behind it.
  return { bytes: Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]), from: 1, to: 1 + bytes.length };
}

/** Few values, so that identities repeat, and long ones, so that there is more than room was made for. */
const ids = fc.oneof(fc.uint8Array({ maxLength: 2 }), fc.uint8Array({ minLength: 100, maxLength: 120 }));
const sources = fc.constantFrom('a', 'b', '');
const looks = fc.array(fc.tuple(sources, ids), { maxLength: 300 });

describe('identities that were seen', () => {
  it('are known by source and bytes with the place where each was last, as a Map would know them', () => {
    fc.assert(
      fc.property(looks, fc.nat(300), (log, clearAt) => {
        const seen = new SeenIdentities();
        const model = new Map<string, number>();
        log.forEach(([source, bytes], place) => {
          if (place === clearAt) {
            seen.clear();
            model.clear();
          }
          const identity = `${source}/${Buffer.from(bytes).toString('hex')}`;
          expect(seen.placeOf(identityBytes(source, idOf(bytes)))).toBe(model.get(identity));
          expect(seen.see(identityBytes(source, idOf(bytes)), place)).toBe(model.get(identity));
          model.set(identity, place);
          expect(seen.size).toBe(model.size);
        });
      }),
    );
  });

  it('are told apart when their hashes are the same', () => {
    const [one, other] = findCollision();
    const seen = new SeenIdentities();
    expect(seen.see(one, 1)).toBeUndefined();
    expect(seen.see(other, 2)).toBeUndefined();
    expect([seen.placeOf(one), seen.placeOf(other)]).toEqual([1, 2]);
  });

  it('may be many, from many sources', () => {
    const seen = new SeenIdentities();
    const identity = (source: string, number: number) =>
      identityBytes(source, idOf(Buffer.from(`event-${number}`)));
    for (let number = 0; number < 20_000; number++)
      seen.see(identity(`source-${number % 999}`, number), number);
    const numbers = Array.from({ length: 20_000 }, (_, number) => number);
    expect(numbers.map((number) => seen.placeOf(identity(`source-${number % 999}`, number)))).toEqual(
      numbers,
    );
    expect(seen.placeOf(identity('source-0', 1))).toBeUndefined();
    expect(seen.placeOf(identity('elsewhere', 0))).toBeUndefined();
  });
});

/** Two ids with one hash. */
function findCollision(): [IdentityBytes, IdentityBytes] {
  const known = new Map<number, IdentityBytes>();
  for (let number = 0; ; number++) {
    const identity = identityBytes('a', idOf(Buffer.from(`id-${number}`)));
    const before = known.get(identity.idHash);
    if (before !== undefined) return [before, identity];
    known.set(identity.idHash, identity);
  }
}
