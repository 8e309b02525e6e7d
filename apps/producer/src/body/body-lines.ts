/** One line of a body; `bytes` is undefined for a line that was longer than allowed, and was passed over. */
export interface BodyLine {
  /** Its number in the body, from 1; empty lines count and are left out. */
  readonly number: number;
  readonly bytes: Buffer | undefined;
}

const NEWLINE = 0x0a;
const WHITE_SPACE = new Set([0x20, 0x09, 0x0d]);

/** Cuts the chunks of a body into lines. Never holds more than the beginning of one line, of `maxBytes` at most. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private length = 0;
  private number = 1;

  constructor(private readonly maxBytes: number) {}

  /** The lines that end in this chunk; whoever stops taking them leaves the rest of the chunk out for good. */
  *split(chunk: Buffer): Generator<BodyLine> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.add(chunk.subarray(from, end));
      from = end + 1;
      const complete = this.end();
      if (complete !== undefined) yield complete;
    }
    if (from < chunk.length) this.add(chunk.subarray(from));
  }

  /** The last line, for a body that does not end with a newline. */
  end(): BodyLine | undefined {
    const { parts, length, number } = this;
    this.parts = [];
    this.length = 0;
    this.number += 1;
    if (length > this.maxBytes) return { number, bytes: undefined };
    const bytes = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts, length);
    return isBlank(bytes) ? undefined : { number, bytes };
  }

  private add(part: Buffer): void {
    this.length += part.length;
    if (this.length > this.maxBytes) this.parts = [];
    else this.parts.push(part);
  }
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (!WHITE_SPACE.has(byte)) return false;
  return true;
}
