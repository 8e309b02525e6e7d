import avsc from 'avsc';
import type { AvroInternals, Tap } from './tap';

/** An Avro schema as parsed JSON, in the object form that a logical type has. */
export type LogicalSchema = Readonly<Record<string, unknown>>;

/** The member of avsc's resolvers that a type fills in. */
export interface ResolverSlot {
  _read: (tap: Tap) => unknown;
}

/**
 * Base of the platform's logical types. A subclass says how a native value becomes the value of the type beneath and
 * back, and what it looks like in JSON.
 */
export abstract class NativeLogicalType extends avsc.types.LogicalType {
  /** Which JavaScript values these are; a union tells its branches apart by it. */
  abstract readonly nativeKind: 'string' | 'number' | 'bigint' | 'date';
  /** The JSON types in which a value may appear. */
  abstract readonly jsonForms: readonly ('string' | 'number')[];
  /** What to tell somebody who sent something else. */
  abstract readonly expected: string;

  /** The native value of a JSON value, or undefined when it is none. */
  abstract fromJson(input: unknown): unknown;

  /** The value to store, or undefined when `native` is no value of this type. */
  abstract override _toValue(native: unknown): unknown;
  abstract override _fromValue(stored: unknown): unknown;

  _write(tap: Tap, native: unknown): void {
    const stored = this._toValue(native);
    if (stored === undefined) throw new TypeError(`expected ${this.expected}`);
    (this.underlyingType as unknown as AvroInternals)._write(tap, stored);
  }

  /**
   * Fills a resolver in when values that `writer` wrote can be read as this type. The registry compares the types
   * beneath only, so that milliseconds read as microseconds would pass there: they are refused here.
   */
  _update(resolver: ResolverSlot, writer: avsc.Type, options: object): void {
    const logical = writer instanceof NativeLogicalType;
    if (logical && !this.sameMeaning(writer)) return;
    const stored = logical ? writer.underlyingType : writer;
    // Throws when the types beneath differ; what it lets through has one binary form (int and long, bytes and string).
    this.underlyingType.createResolver(stored, options);
    const read = (this as unknown as AvroInternals)._read.bind(this);
    resolver._read = (tap) => read(tap);
  }

  protected sameMeaning(writer: NativeLogicalType): boolean {
    return writer.typeName === this.typeName;
  }
}
