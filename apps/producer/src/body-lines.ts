import type { Readable } from 'node:stream';

/** One line of a body; `bytes` is undefined for a line that was longer than allowed, and was passed over. */
export interface BodyLine {
  /** Its number in the body, from 1; empty lines count and are left out. */
  readonly number: number;
  readonly bytes: Buffer | undefined;
}

const NEWLINE = 0x0a;
const WHITE_SPACE = new Set([0x20, 0x09, 0x0d]);

/**
 * The lines of a body, the last one also without a newline at its end. Never holds more than one line of `maxBytes`
 * and one chunk. When `stopping` aborts, it ends after the last complete line and leaves the rest of the body unread.
 * @throws the body's own error, when the connection breaks.
 */
export async function* readLines(
  body: Readable,
  options: { readonly maxBytes: number; readonly stopping: AbortSignal },
): AsyncGenerator<BodyLine> {
  const line = new LineUnderWay(options.maxBytes);
  for await (const chunk of chunksUntil(options.stopping, body)) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      line.add(chunk.subarray(from, end));
      from = end + 1;
      const complete = line.end();
      if (complete !== undefined) yield complete;
      if (options.stopping.aborted) return;
    }
    line.add(chunk.subarray(from));
  }
  // A line that the stop has cut is not a line: whoever sent it is told that it was not taken.
  const last = options.stopping.aborted ? undefined : line.end();
  if (last !== undefined) yield last;
}

class LineUnderWay {
  private parts: Buffer[] = [];
  private length = 0;
  private number = 1;

  constructor(private readonly maxBytes: number) {}

  add(part: Buffer): void {
    this.length += part.length;
    if (this.length > this.maxBytes) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  end(): BodyLine | undefined {
    const { parts, length, number } = this;
    this.parts = [];
    this.length = 0;
    this.number += 1;
    if (length > this.maxBytes) return { number, bytes: undefined };
    const bytes = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts, length);
    return bytes.every((byte) => WHITE_SPACE.has(byte)) ? undefined : { number, bytes };
  }
}

/** Not the body's own iterator: leaving that one would destroy the connection before the last answer is out. */
async function* chunksUntil(stopping: AbortSignal, body: Readable): AsyncGenerator<Buffer> {
  let wake = Promise.withResolvers<undefined>();
  let broken: Error | undefined;
  const change = (): void => wake.resolve(undefined);
  const fail = (error: Error): void => {
    broken = error;
    change();
  };
  body.on('readable', change).on('end', change).on('close', change).on('error', fail);
  stopping.addEventListener('abort', change);
  try {
    while (!stopping.aborted) {
      const chunk = body.read() as Buffer | null;
      if (chunk !== null) {
        yield chunk;
        continue;
      }
      if (broken !== undefined) throw broken;
      if (body.readableEnded) return;
      if (body.destroyed) throw new Error('The connection closed before the body ended.');
      await wake.promise;
      wake = Promise.withResolvers();
    }
  } finally {
    stopping.removeEventListener('abort', change);
    // The listener for errors stays: a connection that breaks later concerns nobody any more.
    body.off('readable', change).off('end', change).off('close', change);
  }
}
