import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import { varintSize, writeVarint } from './varint';

const MAX_SIZE = 10;

function written(value: number): Buffer {
  const bytes = Buffer.alloc(MAX_SIZE + 2, 0xaa);
  const end = writeVarint(bytes, 1, value);
  // Nothing beside its own place is touched.
  expect([bytes[0], bytes[end]]).toEqual([0xaa, 0xaa]);
  return bytes.subarray(1, end);
}

describe('an integer of variable length', () => {
  it.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [63, '7e'],
    [-64, '7f'],
    [64, '8001'],
    [2_147_483_647, 'feffffff0f'],
    [-2_147_483_648, 'ffffffff0f'],
    [2_147_483_648, '8080808010'],
    [Number.MAX_SAFE_INTEGER, 'feffffffffffff1f'],
    [Number.MIN_SAFE_INTEGER, 'fdffffffffffff1f'],
  ])('writes %i as %s', (value, hex) => {
    expect(written(value).toString('hex')).toBe(hex);
  });

  it('takes as many bytes as it says, and is read back by kafkajs', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -200, max: 200 })),
        (value) => {
          const bytes = written(value);
          expect(varintSize(value)).toBe(bytes.length);
          expect(new Decoder(bytes).readVarLong().toString()).toBe(String(value));
        },
      ),
    );
  });

  it('of 32 bits is the same whether it is read as a long or not', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(new Decoder(written(value)).readVarInt()).toBe(value);
      }),
    );
  });
});
