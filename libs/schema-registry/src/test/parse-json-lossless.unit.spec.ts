import fc from 'fast-check';
import { parseJsonLossless } from '../index';
import { catchError } from './catch-error';

describe('parseJsonLossless', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(parseJsonLossless(text), asNumber)).toBe(text);
      }),
    );
  });

  it('keeps integers beyond 2^53 as bigint, and everything else as it is', () => {
    expect(
      parseJsonLossless('{"a":9007199254740993,"b":[-12345678901234567890],"c":"12345678901234567890"}'),
    ).toEqual({
      a: 9007199254740993n,
      b: [-12345678901234567890n],
      c: '12345678901234567890',
    });
    expect(parseJsonLossless('[9007199254740991, 1e20, 0.12345678901234567]')).toEqual([
      9007199254740991, 1e20, 0.12345678901234567,
    ]);
  });

  it('finds an integer beyond 2^53 wherever it stands', () => {
    const long = fc.bigInt({ min: 2n ** 53n + 1n, max: 10n ** 30n }).filter((n) => BigInt(Number(n)) !== n);
    fc.assert(
      fc.property(fc.nat(40), long, fc.nat(999), (spaces, integer, more) => {
        const text = `{"${'x'.repeat(spaces)}": [${more}, ${integer}]}`;
        expect(Object.values(parseJsonLossless(text) as object)).toEqual([[more, integer]]);
      }),
    );
  });

  it('reads 64 levels, and refuses a 65th before it parses', () => {
    expect(parseJsonLossless('['.repeat(64) + ']'.repeat(64))).toBeInstanceOf(Array);
    expect(catchError(() => parseJsonLossless('['.repeat(65) + ']'.repeat(65)))).toMatchObject({
      code: 'JSON_TOO_DEEP',
    });
    expect(catchError(() => parseJsonLossless('{"a":'.repeat(1_000_000)))).toMatchObject({
      code: 'JSON_TOO_DEEP',
    });
  });

  it('does not take brackets inside strings for levels', () => {
    const text = JSON.stringify({ a: '[{"\\'.repeat(100), b: '\\', c: '[[[' });
    expect(parseJsonLossless(text)).toEqual(JSON.parse(text));
  });

  it('says where a text stops being JSON, and never what it holds', () => {
    for (const text of ['{"password": hunter2}', '{"password" "hunter2"}', '{"password": "hunter2', '']) {
      const error = catchError(() => parseJsonLossless(text)) as Error;
      expect(error).toMatchObject({
        code: 'JSON_SYNTAX',
        message: expect.stringMatching(/^not valid JSON/) as string,
      });
      expect(`${error.message} ${String(error.cause)}`).not.toContain('hunter2');
    }
    expect(() => parseJsonLossless('{"a":1,')).toThrow('at character 7');
  });
});

function asNumber(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
