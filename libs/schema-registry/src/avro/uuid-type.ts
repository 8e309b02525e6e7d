import type avsc from 'avsc';
import { NativeLogicalType } from './logical-type';
import type { LogicalSchema } from './logical-type';

const uuidPattern = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** uuid on a string (kept as it was written) or on a fixed of 16 bytes (read back in lower case). */
export class UuidType extends NativeLogicalType {
  readonly nativeKind = 'string';
  readonly jsonForms = ['string'] as const;
  readonly expected = 'uuid (such as 123e4567-e89b-12d3-a456-426614174000)';
  readonly #binary: boolean;

  constructor(schema: LogicalSchema, options?: unknown) {
    super(schema as unknown as avsc.Type, options);
    this.#binary = schema['type'] === 'fixed';
    if (this.#binary ? schema['size'] !== 16 : schema['type'] !== 'string') {
      throw new Error('uuid must stand on a string or on a fixed of 16 bytes');
    }
  }

  fromJson(input: unknown): string | undefined {
    return typeof input === 'string' && uuidPattern.test(input) ? input : undefined;
  }

  _toValue(native: unknown): string | Buffer | undefined {
    const text = this.fromJson(native);
    return text !== undefined && this.#binary ? Buffer.from(text.replaceAll('-', ''), 'hex') : text;
  }

  _fromValue(stored: string | Buffer): string {
    if (typeof stored === 'string') return stored;
    const hex = stored.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}
