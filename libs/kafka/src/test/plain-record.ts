/** A record as the specs of senders write it and expect it back. */
export interface PlainRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  readonly timestampMs: number;
}

/** Bytes as text: Jest compares buffers one element after the other. */
export function hex(bytes: Buffer | null): string | null {
  return bytes?.toString('hex') ?? null;
}

/** A record whose value is a text, for specs that ask only which records are where. */
export function textRecord(text: string): PlainRecord {
  return { key: null, value: Buffer.from(text), headers: {}, timestampMs: Date.now() };
}
