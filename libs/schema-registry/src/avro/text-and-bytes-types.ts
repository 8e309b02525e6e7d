import { textBetween } from '@millrace/event';
import avsc from 'avsc';
import type { InvalidHook, Tap } from './tap';

/**
 * avsc's string, less a trap: half a surrogate pair would be written as bytes that no reader can turn back. And short texts are
 * read quicker.
 */
class WellFormedStringType extends avsc.types.StringType {
  _read(tap: Tap): string | undefined {
    const start = tap.pos;
    const length = tap.readLong();
    const from = tap.pos;
    if (length < 0 || from + length > tap.buf.length) {
      // avsc knows what becomes of it.
      tap.pos = start;
      return tap.readString();
    }
    tap.pos = from + length;
    return textBetween(tap.buf, from, tap.pos);
  }

  _check(value: unknown, _flags: unknown, hook?: InvalidHook): boolean {
    const valid = typeof value === 'string' && value.isWellFormed();
    if (!valid && hook !== undefined) hook(value, this);
    return valid;
  }

  _write(tap: Tap, value: unknown): void {
    if (typeof value !== 'string' || !value.isWellFormed())
      throw new TypeError('expected a well-formed string');
    tap.writeString(value);
  }
}

/** avsc's bytes, which takes any `Uint8Array` and not only a `Buffer`. */
class NativeBytesType extends avsc.types.BytesType {
  _check(value: unknown, _flags: unknown, hook?: InvalidHook): boolean {
    const valid = value instanceof Uint8Array;
    if (!valid && hook !== undefined) hook(value, this);
    return valid;
  }

  _write(tap: Tap, value: unknown): void {
    if (!(value instanceof Uint8Array)) throw new TypeError('expected bytes');
    tap.writeBytes(asBuffer(value));
  }
}

/** avsc's fixed, which takes any `Uint8Array` of the right length. */
export class NativeFixedType extends avsc.types.FixedType {
  _check(value: unknown, _flags: unknown, hook?: InvalidHook): boolean {
    const valid = value instanceof Uint8Array && value.length === this.size;
    if (!valid && hook !== undefined) hook(value, this);
    return valid;
  }

  _write(tap: Tap, value: unknown): void {
    if (!(value instanceof Uint8Array) || value.length !== this.size) {
      throw new TypeError('expected bytes of the declared length');
    }
    // avsc takes the length 0 for "not given": an empty fixed writes nothing.
    if (this.size > 0) tap.writeFixed(asBuffer(value), this.size);
  }
}

export const stringType: avsc.Type = new WellFormedStringType();
export const bytesType: avsc.Type = new NativeBytesType();

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
