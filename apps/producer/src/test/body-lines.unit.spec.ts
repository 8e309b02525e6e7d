import { Readable } from 'node:stream';
import fc from 'fast-check';
import { readLines } from '../body-lines';
import type { BodyLine } from '../body-lines';

const MAX_BYTES = 12;

async function read(chunks: Iterable<Buffer>, stopping = new AbortController().signal): Promise<BodyLine[]> {
  const body = Readable.from(chunks, { objectMode: false });
  return Readable.from(readLines(body, { maxBytes: MAX_BYTES, stopping })).toArray() as Promise<BodyLine[]>;
}

/** Cuts a text into chunks at any bytes, within characters too. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...at]
    .map((from, index) => bytes.subarray(from, at[index] ?? bytes.length))
    .filter((chunk) => chunk.length > 0);
}

describe('the lines of a body', () => {
  it('are the same however the body is cut into chunks: numbered, without empty ones, and never too long', async () => {
    const anyLine = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'ü', '€', ' ', '\t'), maxLength: 8 }),
      fc.constant(''),
      fc.constant('\r'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { maxLength: 12 }), fc.array(fc.nat()), async (lines, places) => {
        const expected = lines.flatMap((line, index): { number: number; text: string | undefined }[] => {
          const number = index + 1;
          const bytes = Buffer.from(line);
          if (bytes.length > MAX_BYTES) return [{ number, text: undefined }];
          return line.trim() === '' ? [] : [{ number, text: line }];
        });
        const got = await read(cut(Buffer.from(lines.join('\n')), places));
        expect(got.map(({ number, bytes }) => ({ number, text: bytes?.toString() }))).toEqual(expected);
      }),
    );
  });

  it('hold no more than one line in memory, however long a line is', async () => {
    const megabyte = 1_048_576;
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    function* longLine(): Generator<Buffer> {
      for (let count = 0; count < 400; count++) {
        yield Buffer.alloc(megabyte, 'x');
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }
      yield Buffer.from('\nnext');
    }
    const lines = await read(longLine());
    expect(most).toBeLessThan(300 * megabyte);
    expect(lines).toEqual([
      { number: 1, bytes: undefined },
      { number: 2, bytes: Buffer.from('next') },
    ]);
  });

  it('end with the last complete one when a stop begins, and leave the body open', async () => {
    const stop = new AbortController();
    const body = new Readable({ read: () => undefined });
    const lines = readLines(body, { maxBytes: MAX_BYTES, stopping: stop.signal });
    body.push('whole\nhalf');
    expect((await lines.next()).value).toMatchObject({ number: 1 });
    const next = lines.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(body.destroyed).toBe(false);
  });

  it('end with an error when the connection breaks, also one that breaks without saying so', async () => {
    for (const reason of [new Error('reset'), undefined]) {
      const body = new Readable({ read: () => undefined });
      const { signal } = new AbortController();
      const lines = Readable.from(readLines(body, { maxBytes: MAX_BYTES, stopping: signal })).toArray();
      body.push('whole\nhalf');
      setImmediate(() => body.destroy(reason));
      await expect(lines).rejects.toThrow(reason?.message ?? 'The connection closed before the body ended');
    }
  });
});
