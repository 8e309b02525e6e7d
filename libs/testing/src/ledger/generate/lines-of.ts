import type { Readable } from 'node:stream';

/**
 * The whole lines of a stream as they come; what stands behind the last line break is dropped. Unlike readline it rejects
 * when the connection is lost.
 */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let begun = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (begun + chunk).split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
}
