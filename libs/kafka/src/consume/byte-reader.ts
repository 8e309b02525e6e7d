const MORE = 0x80;
const BITS = 0x7f;
/** Bytes of a variable length that 32 bits hold. */
const SHORT = 4;

/**
 * Reads the primitive types of Kafka's protocol one after the other. Past the end it reads zeros, or throws a RangeError: whoever
 * reads has to know the length of what it reads.
 * Source: Kafka protocol guide, "Protocol Primitive Types".
 */
export class ByteReader {
  constructor(
    readonly bytes: Buffer,
    public at = 0,
  ) {}

  int16(): number {
    return this.bytes.readInt16BE(this.skip(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.skip(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.skip(8));
  }

  /** A signed integer of 32 bits and variable length. */
  varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] ?? 0;
    let zigzagged = byte & BITS;
    for (let shift = 7; byte >= MORE; shift += 7) {
      byte = bytes[this.at++] ?? 0;
      zigzagged |= (byte & BITS) << shift;
    }
    return (zigzagged >>> 1) ^ -(zigzagged & 1);
  }

  /** A signed integer of 64 bits and variable length: a bigint where it is too long for a number of 32 bits. */
  varlong(): number | bigint {
    const { bytes, at } = this;
    let length = 1;
    while ((bytes[at + length - 1] ?? 0) >= MORE) length += 1;
    if (length <= SHORT) return this.varint();
    let zigzagged = 0n;
    for (let index = 0; index < length; index++) {
      zigzagged |= BigInt((bytes[this.at++] ?? 0) & BITS) << BigInt(7 * index);
    }
    return (zigzagged >> 1n) ^ -(zigzagged & 1n);
  }

  /** A string with its length in 16 bits. */
  string(): string {
    const length = this.int16();
    return this.bytes.toString('utf8', this.skip(length), this.at);
  }

  /** Bytes with their length before them, as a view on the same memory. */
  varBytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const from = this.skip(length);
    return this.bytes.subarray(from, this.at);
  }

  /** As many values as the number before them says. */
  array<Value>(read: () => Value): Value[] {
    const count = this.int32();
    const values: Value[] = [];
    for (let index = 0; index < count; index++) values.push(read());
    return values;
  }

  /** Passes over so many bytes, and gives the place before them. */
  skip(size: number): number {
    const from = this.at;
    this.at = from + size;
    return from;
  }
}
