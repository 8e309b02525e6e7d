import { parseUtcTime } from '@millrace/event';
import { formatDate, maxDateMs, parseDate, parseInstant } from './iso-time';
import { longFromJson } from './json-long';
import { NativeLogicalType } from './logical-type';
import { bigIntLongType, isLong, readLongAsNumber, writeLongAsNumber } from './long-type';
import { CorruptBodyError } from './tap';
import type { Tap } from './tap';

const dayMs = 86_400_000;
const dayMicros = 86_400_000_000n;

/** timestamp-millis as Date. */
export class TimestampMillisType extends NativeLogicalType {
  readonly nativeKind = 'date';
  readonly jsonForms = ['string', 'number'] as const;
  readonly expected: string =
    'timestamp-millis (an ISO 8601 time with an offset and at most 3 decimals, or integer milliseconds since 1970)';
  protected readonly zone: 'required' | 'optional' = 'required';

  fromJson(input: unknown): Date | undefined {
    const ms =
      typeof input === 'string'
        ? (parseUtcTime(input) ?? parseInstant(input, { zone: this.zone, digits: 3 }))
        : input;
    const date = new Date(typeof ms === 'bigint' || typeof ms === 'number' ? Number(ms) : NaN);
    return Number.isInteger(Number(ms)) && !Number.isNaN(date.getTime()) ? date : undefined;
  }

  _toValue(native: unknown): number | undefined {
    if (!(native instanceof Date)) return undefined;
    const ms = native.getTime();
    return Number.isNaN(ms) ? undefined : ms;
  }

  _fromValue(ms: number): Date {
    if (ms > maxDateMs || ms < -maxDateMs)
      throw new CorruptBodyError('a timestamp outside the span of a date');
    return new Date(ms);
  }

  _read(tap: Tap): Date {
    return this._fromValue(readLongAsNumber(tap));
  }

  override _write(tap: Tap, native: unknown): void {
    const ms = this._toValue(native);
    if (ms === undefined) throw new TypeError(`expected ${this.expected}`);
    writeLongAsNumber(tap, ms);
  }
}

/** local-timestamp-millis as Date, whose UTC fields are the local time. */
export class LocalTimestampMillisType extends TimestampMillisType {
  override readonly expected =
    'local-timestamp-millis (an ISO 8601 time with at most 3 decimals, or integer milliseconds since 1970)';
  protected override readonly zone = 'optional';
}

/** What timestamps and times in microseconds share: a bigint on a long. */
abstract class MicrosType extends NativeLogicalType {
  readonly nativeKind = 'bigint';
  readonly jsonForms = ['string', 'number'] as const;

  abstract override fromJson(input: unknown): bigint | undefined;

  // The type beneath is avsc's own long, which has no values beyond 2^53: defaults and copies pass through it.
  _toValue(native: unknown): number | undefined {
    const value = this.inRange(native) ? Number(native) : undefined;
    return Number.isSafeInteger(value) ? value : undefined;
  }

  _fromValue(stored: number): bigint {
    return BigInt(stored);
  }

  _check(value: unknown, _flags: unknown, hook?: (value: unknown, type: unknown) => void): boolean {
    const valid = this.inRange(value);
    if (!valid && hook !== undefined) hook(value, this);
    return valid;
  }

  _read(tap: Tap): bigint {
    return bigIntLongType._read(tap);
  }

  override _write(tap: Tap, value: unknown): void {
    if (!this.inRange(value)) throw new TypeError(`expected ${this.expected}`);
    bigIntLongType._write(tap, value);
  }

  protected inRange(value: unknown): value is bigint {
    return isLong(value);
  }
}

/** timestamp-micros as bigint: microseconds since 1970. */
export class TimestampMicrosType extends MicrosType {
  readonly expected: string =
    'timestamp-micros (an ISO 8601 time with an offset and at most 6 decimals, or integer microseconds since 1970)';
  protected readonly zone: 'required' | 'optional' = 'required';

  fromJson(input: unknown): bigint | undefined {
    const micros = longFromJson(input);
    if (micros !== undefined || typeof input !== 'string') return micros;
    return parseInstant(input, { zone: this.zone, digits: 6 });
  }
}

/** local-timestamp-micros as bigint. */
export class LocalTimestampMicrosType extends TimestampMicrosType {
  override readonly expected =
    'local-timestamp-micros (an ISO 8601 time with at most 6 decimals, or integer microseconds since 1970)';
  protected override readonly zone = 'optional';
}

/** time-micros as bigint: microseconds since midnight. */
export class TimeMicrosType extends MicrosType {
  readonly expected = 'time-micros (integer microseconds since midnight, 0 to 86399999999)';

  fromJson(input: unknown): bigint | undefined {
    const micros = longFromJson(input);
    return this.inRange(micros) ? micros : undefined;
  }

  protected override inRange(value: unknown): value is bigint {
    return typeof value === 'bigint' && value >= 0n && value < dayMicros;
  }
}

/** time-millis as number: milliseconds since midnight. */
export class TimeMillisType extends NativeLogicalType {
  readonly nativeKind = 'number';
  readonly jsonForms = ['number'] as const;
  readonly expected = 'time-millis (integer milliseconds since midnight, 0 to 86399999)';

  fromJson(input: unknown): number | undefined {
    return this._toValue(input);
  }

  _toValue(native: unknown): number | undefined {
    const valid = Number.isInteger(native) && (native as number) >= 0 && (native as number) < dayMs;
    return valid ? (native as number) : undefined;
  }

  _fromValue(stored: number): number {
    return stored;
  }
}

/** date as a string, YYYY-MM-DD. */
export class DateType extends NativeLogicalType {
  readonly nativeKind = 'string';
  readonly jsonForms = ['string'] as const;
  readonly expected = 'date (an existing day, YYYY-MM-DD)';

  fromJson(input: unknown): string | undefined {
    return this._toValue(input) === undefined ? undefined : (input as string);
  }

  _toValue(native: unknown): number | undefined {
    return typeof native === 'string' ? parseDate(native) : undefined;
  }

  _fromValue(days: number): string {
    const text = formatDate(days);
    if (text === undefined) throw new CorruptBodyError('a day outside the span of a date');
    return text;
  }
}
