import type avsc from 'avsc';
import { formatDecimal, fromTwosComplement, parseDecimal, toTwosComplement } from './decimal';
import type { DecimalFormat } from './decimal';
import { NativeLogicalType } from './logical-type';
import type { LogicalSchema } from './logical-type';

/** Decimal digits that survive the way through a double. */
const exactDigits = 15;

/** decimal on bytes or fixed, as a string with exactly `scale` digits after the point. */
export class DecimalType extends NativeLogicalType {
  readonly nativeKind = 'string';
  readonly jsonForms = ['string', 'number'] as const;
  readonly expected: string;
  readonly #format: DecimalFormat;
  readonly #size: number | undefined;

  constructor(schema: LogicalSchema, options?: unknown) {
    super(schema as unknown as avsc.Type, options);
    const { precision, scale = 0 } = schema;
    if (!isCount(precision, 1) || !isCount(scale, 0) || scale > precision) {
      throw new Error('decimal needs a positive precision and a scale that is not larger');
    }
    this.#format = { precision, scale };
    this.#size = schema['type'] === 'fixed' ? (schema['size'] as number) : undefined;
    if (toTwosComplement(10n ** BigInt(precision) - 1n, this.#size) === undefined) {
      throw new Error(`a fixed of ${String(this.#size)} bytes cannot hold ${precision} digits`);
    }
    this.expected = `decimal (a string of at most ${precision} digits, ${scale} of them after the point)`;
  }

  get precision(): number {
    return this.#format.precision;
  }

  get scale(): number {
    return this.#format.scale;
  }

  fromJson(input: unknown): string | undefined {
    const text =
      typeof input === 'number' ? exactText(input) : typeof input === 'bigint' ? String(input) : input;
    const unscaled = typeof text === 'string' ? parseDecimal(text, this.#format) : undefined;
    return unscaled === undefined ? undefined : formatDecimal(unscaled, this.#format.scale);
  }

  _toValue(native: unknown): Buffer | undefined {
    const unscaled = typeof native === 'string' ? parseDecimal(native, this.#format) : undefined;
    return unscaled === undefined ? undefined : toTwosComplement(unscaled, this.#size);
  }

  _fromValue(stored: Buffer): string {
    return formatDecimal(fromTwosComplement(stored), this.#format.scale);
  }

  protected override sameMeaning(writer: NativeLogicalType): boolean {
    return writer instanceof DecimalType && writer.#format.scale === this.#format.scale;
  }
}

/** The number as its sender wrote it, as far as a double can tell; undefined when digits may have been lost. */
function exactText(value: number): string | undefined {
  const text = String(value);
  return text.replaceAll(/\D/g, '').replace(/^0+/, '').length <= exactDigits ? text : undefined;
}

function isCount(value: unknown, least: number): value is number {
  return Number.isInteger(value) && (value as number) >= least;
}
