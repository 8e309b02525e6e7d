import { longFromJson } from '../avro/json-long';
import { nearestName } from '../nearest-name';
import type { JsonReader } from './reader';

const maxFloat = 3.4028234663852886e38;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
/** What JSON has no numbers for; protobuf's JSON mapping writes them in the same way. */
const specialNumbers: ReadonlyMap<unknown, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

export const readNull: JsonReader = (input, context) =>
  input === null ? null : context.report('null', input);

export const readBoolean: JsonReader = (input, context) =>
  typeof input === 'boolean' ? input : context.report('boolean', input);

export const readInt: JsonReader = (input, context) =>
  typeof input === 'number' && (input | 0) === input
    ? input
    : context.report('int (an integer from -2147483648 to 2147483647)', input);

export const readLong: JsonReader = (input, context) =>
  longFromJson(input) ??
  context.report(
    'long (an integer from -9223372036854775808 to 9223372036854775807, beyond 2^53 best as a string)',
    input,
  );

export const readDouble: JsonReader = (input, context) => {
  const value = toNumber(input);
  return value ?? context.report('double (a number, or one of "NaN", "Infinity", "-Infinity")', input);
};

export const readFloat: JsonReader = (input, context) => {
  const value = toNumber(input);
  if (value !== undefined && (!Number.isFinite(value) || Math.abs(value) <= maxFloat)) return value;
  return context.report('float (a number up to 3.4e38, or one of "NaN", "Infinity", "-Infinity")', input);
};

export const readString: JsonReader = (input, context) =>
  typeof input === 'string' && input.isWellFormed()
    ? input
    : context.report('string (of whole Unicode characters)', input);

export const readBytes: JsonReader = (input, context) =>
  fromBase64(input) ?? context.report('bytes (a base64 string)', input);

export function fixedReader(size: number): JsonReader {
  return (input, context) => {
    const bytes = fromBase64(input);
    return bytes?.length === size ? bytes : context.report(`fixed (a base64 string of ${size} bytes)`, input);
  };
}

export function enumReader(symbols: readonly string[]): JsonReader {
  const known = new Set<unknown>(symbols);
  const all = symbols.length > 10 ? `${symbols.slice(0, 10).join(', ')}, …` : symbols.join(', ');
  return (input, context) => {
    if (known.has(input)) return input;
    const nearest = typeof input === 'string' ? nearestName(input, symbols) : undefined;
    const hint = nearest === undefined ? '' : `; the nearest is ${nearest}`;
    return context.report(`one of ${all}${hint}`, input);
  };
}

function toNumber(input: unknown): number | undefined {
  if (typeof input === 'bigint') return Number(input);
  return typeof input === 'number' && Number.isFinite(input) ? input : specialNumbers.get(input);
}

function fromBase64(input: unknown): Buffer | undefined {
  return typeof input === 'string' && base64Pattern.test(input) ? Buffer.from(input, 'base64') : undefined;
}
