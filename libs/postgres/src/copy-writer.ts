import { dayOf } from '@millrace/projecting';

/** What is handed to the connection at once, about. */
const CHUNK_BYTES = 131_072;
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** Longer texts are written quicker by the runtime than by a loop here. */
const SHORT = 64;
const ASCII = 0x80;
const MOST_BYTES_OF_A_UNIT = 3;
const NULL = -1;
/** Milliseconds from 1970 to 2000, where PostgreSQL's time begins. */
const EPOCH_2000_MS = 946_684_800_000;
const DAY_MS = 86_400_000;
/** PostgreSQL's numbers have digits of four decimal ones each. */
const DIGIT_LENGTH = 4;
const NEGATIVE = 0x4000;
const JSONB_VERSION = 1;
const TWO_TO_32 = 2 ** 32;

/**
 * Rows in COPY's binary format, chunk by chunk: the server has nothing to parse, and no text is made of numbers and times.
 * Sources: PostgreSQL's documentation of COPY, "Binary Format"; the `recv` functions of the types in its source
 * (`numeric.c`, `timestamp.c`, `date.c`, `jsonb.c`).
 */
export class CopyWriter {
  private bytes = Buffer.allocUnsafe(CHUNK_BYTES * 2);
  private at = 0;

  constructor() {
    SIGNATURE.copy(this.bytes);
    // No flags, and no extension of the header.
    this.bytes.fill(0, SIGNATURE.length, SIGNATURE.length + 8);
    this.at = SIGNATURE.length + 8;
  }

  /** The chunk that is full, if one is; to be asked between two rows. */
  fullChunk(): Buffer | undefined {
    return this.at < CHUNK_BYTES ? undefined : this.take();
  }

  lastChunk(): Buffer {
    this.room(2);
    this.int16(-1);
    return this.take();
  }

  /** As many values are to follow. */
  row(values: number): void {
    this.room(2);
    this.int16(values);
  }

  null(): void {
    this.room(4);
    this.int32(NULL);
  }

  text(value: string): void {
    this.room(4 + value.length * MOST_BYTES_OF_A_UNIT);
    const from = this.at + 4;
    let to = from;
    if (value.length <= SHORT) {
      const { bytes } = this;
      for (let index = 0; index < value.length; index++) {
        const unit = value.charCodeAt(index);
        if (unit >= ASCII) {
          to = from + bytes.write(value, from);
          break;
        }
        bytes[to++] = unit;
      }
    } else to = from + this.bytes.write(value, from);
    this.int32(to - from);
    this.at = to;
  }

  json(text: string): void {
    const size = Buffer.byteLength(text) + 1;
    this.room(4 + size);
    this.int32(size);
    this.bytes[this.at++] = JSONB_VERSION;
    this.at += this.bytes.write(text, this.at);
  }

  integer(value: number): void {
    this.room(8);
    this.int32(4);
    this.int32(value);
  }

  bigint(value: bigint): void {
    this.room(12);
    this.int32(8);
    this.at = this.bytes.writeBigInt64BE(value, this.at);
  }

  double(value: number): void {
    this.room(12);
    this.int32(8);
    this.at = this.bytes.writeDoubleBE(value, this.at);
  }

  boolean(value: boolean): void {
    this.room(5);
    this.int32(1);
    this.bytes[this.at++] = value ? 1 : 0;
  }

  timestamp(value: Date): void {
    const micros = (value.getTime() - EPOCH_2000_MS) * 1_000;
    if (!Number.isSafeInteger(micros)) {
      this.bigint(BigInt(value.getTime() - EPOCH_2000_MS) * 1_000n);
      return;
    }
    this.room(12);
    this.int32(8);
    const high = Math.floor(micros / TWO_TO_32);
    this.int32(high);
    this.int32((micros - high * TWO_TO_32) | 0);
  }

  /** A day as `YYYY-MM-DD`. @throws RangeError for what is none */
  date(value: string): void {
    const day = dayOf(value);
    if (day === undefined) throw new RangeError(`expected a day as YYYY-MM-DD, got ${value}`);
    this.integer((day.getTime() - EPOCH_2000_MS) / DAY_MS);
  }

  /** A decimal number as PostgreSQL writes it: without an exponent. */
  decimal(value: string): void {
    const isNegative = value.startsWith('-');
    const [whole = '', part = ''] = (isNegative ? value.slice(1) : value).split('.');
    const length = Math.ceil(whole.length / DIGIT_LENGTH);
    const aligned =
      whole.padStart(length * DIGIT_LENGTH, '0') +
      part.padEnd(Math.ceil(part.length / DIGIT_LENGTH) * DIGIT_LENGTH, '0');
    const digits: number[] = [];
    for (let from = 0; from < aligned.length; from += DIGIT_LENGTH)
      digits.push(Number(aligned.slice(from, from + DIGIT_LENGTH)));
    const first = digits.findIndex((digit) => digit !== 0);
    const significant =
      first < 0 ? [] : digits.slice(first, digits.findLastIndex((digit) => digit !== 0) + 1);
    this.room(12 + 2 * significant.length);
    this.int32(8 + 2 * significant.length);
    this.int16(significant.length);
    this.int16(significant.length === 0 ? 0 : length - 1 - first);
    this.int16(isNegative && significant.length > 0 ? NEGATIVE : 0);
    this.int16(part.length);
    for (const digit of significant) this.int16(digit);
  }

  private int16(value: number): void {
    this.bytes[this.at++] = value >> 8;
    this.bytes[this.at++] = value;
  }

  private int32(value: number): void {
    const { bytes, at } = this;
    bytes[at] = value >> 24;
    bytes[at + 1] = value >> 16;
    bytes[at + 2] = value >> 8;
    bytes[at + 3] = value;
    this.at = at + 4;
  }

  private room(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + size));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  /** The connection sends it later: it is not written again. */
  private take(): Buffer {
    const chunk = this.bytes.subarray(0, this.at);
    this.bytes = Buffer.allocUnsafe(CHUNK_BYTES * 2);
    this.at = 0;
    return chunk;
  }
}
