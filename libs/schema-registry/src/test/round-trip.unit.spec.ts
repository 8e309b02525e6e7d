import { toJson } from '@millrace/contracts';
import { byteRangeOf } from '@millrace/event';
import type { ByteRange } from '@millrace/event';
import fc from 'fast-check';
import { encodeEvent } from '../codec/encode-event';
import { makeEventReader } from '../codec/event-reader';
import { parseJsonLossless, parseJsonPayload } from '../index';
import { allTypes, anyValue } from './all-types';

const schema = { schemaType: 'AVRO', text: JSON.stringify(allTypes.schema), references: 0 };
const reader = makeEventReader({ topics: [], events: [allTypes] }, { topic: 'specs', schemaId: 7, schema });

function decodeRange(value: ByteRange): unknown {
  if ('error' in reader) throw reader.error();
  return reader.decode(value);
}

const decode = (value: Buffer): unknown => decodeRange(byteRangeOf(value));

function outcomeOf(work: () => unknown): unknown {
  try {
    return { value: work() };
  } catch (error) {
    return { message: (error as Error).message };
  }
}

describe('the value mapping', () => {
  it('brings every value of every type back from Avro unchanged', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decode(encodeEvent(allTypes, 7, value))).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  it('brings every value back from JSON text, through Avro and to JSON again', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = JSON.stringify(toJson(value));
        const parsed = parseJsonPayload(allTypes, parseJsonLossless(text));
        expect(parsed).toEqual({ ok: true, value });
        if (!parsed.ok) return;
        expect(JSON.stringify(toJson(decode(encodeEvent(allTypes, 7, parsed.value))))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps longs beyond 2^53 to the last digit, from a JSON number as from a string', () => {
    for (const digits of ['9007199254740993', '-9223372036854775808', '9223372036854775807']) {
      const [value] = fc.sample(anyValue, 1);
      for (const large of [digits, `"${digits}"`]) {
        const text = JSON.stringify(toJson(value)).replace(/"large":("-?\d+"|-?\d+)/, `"large":${large}`);
        const parsed = parseJsonPayload(allTypes, parseJsonLossless(text));
        expect(parsed.ok && (decode(encodeEvent(allTypes, 7, parsed.value)) as { large: bigint }).large).toBe(
          BigInt(digits),
        );
      }
    }
  });

  it('encodes a value that is larger than the shared buffer', () => {
    const [value] = fc.sample(anyValue, 1);
    const long = { ...value, text: 'é'.repeat(1_500_000) };
    expect((decode(encodeEvent(allTypes, 7, long)) as { text: string }).text).toBe(long.text);
  });

  it('reads a value that lies among others as one that lies alone, and finds the same wrong with one that is cut', () => {
    const noise = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(
        anyValue,
        fc.oneof(fc.constant(0), fc.nat()),
        noise,
        noise,
        (value, cut, before, behind) => {
          const whole = encodeEvent(allTypes, 7, value);
          const alone = whole.subarray(0, whole.length - (cut % (whole.length - 5)));
          const bytes = Buffer.concat([before, alone, behind]);
          const among = { bytes, from: before.length, to: before.length + alone.length };
          expect(outcomeOf(() => decodeRange(among))).toEqual(outcomeOf(() => decode(alone)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('says nothing about the bytes of a body but that it is corrupt, and always ends', () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 12 }), (value, at, noise) => {
        const body = encodeEvent(allTypes, 7, value);
        body.set(noise, Math.min(5 + (at % Math.max(1, body.length - 5)), body.length - noise.length));
        try {
          decode(body);
        } catch (error) {
          expect(error).toHaveProperty('code', 'EVENT_CORRUPT');
        }
      }),
      { numRuns: 300 },
    );
  });
});
