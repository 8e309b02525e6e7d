import fc from 'fast-check';
import { LineSplitter } from './body-lines';
import type { BodyLine } from './body-lines';

const MAX_BYTES = 12;

function read(chunks: Iterable<Buffer>): BodyLine[] {
  const splitter = new LineSplitter(MAX_BYTES);
  const lines = [...chunks].flatMap((chunk) => [...splitter.split(chunk)]);
  const last = splitter.end();
  return last === undefined ? lines : [...lines, last];
}

/** Cuts a text into chunks at any bytes, within characters too. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...at]
    .map((from, index) => bytes.subarray(from, at[index] ?? bytes.length))
    .filter((chunk) => chunk.length > 0);
}

describe('the lines of a body', () => {
  it('are the same however the body is cut into chunks: numbered, without empty ones, and never too long', () => {
    const anyLine = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'ü', '€', ' ', '\t'), maxLength: 8 }),
      fc.constant(''),
      fc.constant('\r'),
    );
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 12 }), fc.array(fc.nat()), (lines, places) => {
        const expected = lines.flatMap((line, index): { number: number; text: string | undefined }[] => {
          const number = index + 1;
          const bytes = Buffer.from(line);
          if (bytes.length > MAX_BYTES) return [{ number, text: undefined }];
          return line.trim() === '' ? [] : [{ number, text: line }];
        });
        const got = read(cut(Buffer.from(lines.join('\n')), places));
        expect(got.map(({ number, bytes }) => ({ number, text: bytes?.toString() }))).toEqual(expected);
      }),
    );
  });

  it('hold no more than one line in memory, however long a line is', () => {
    const megabyte = 1_048_576;
    const splitter = new LineSplitter(MAX_BYTES);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let count = 0; count < 400; count++) {
      expect([...splitter.split(Buffer.alloc(megabyte, 'x'))]).toEqual([]);
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(most).toBeLessThan(300 * megabyte);
    expect([...splitter.split(Buffer.from('\nnext'))]).toEqual([{ number: 1, bytes: undefined }]);
    expect(splitter.end()).toEqual({ number: 2, bytes: Buffer.from('next') });
  });
});
