import type { EventType } from '@millrace/contracts';
import fc from 'fast-check';

/** One event type with every Avro type and logical type in it, for specs. */
export const allTypes: EventType<Record<string, unknown>> = {
  type: 'specs.AllTypes',
  topic: 'specs',
  subject: 'specs-specs.AllTypes',
  keyField: 'text',
  schema: {
    type: 'record',
    name: 'AllTypes',
    namespace: 'specs',
    fields: [
      { name: 'flag', type: 'boolean' },
      { name: 'small', type: 'int' },
      { name: 'large', type: 'long' },
      { name: 'single', type: 'float' },
      { name: 'double', type: 'double' },
      { name: 'text', type: 'string' },
      { name: 'raw', type: 'bytes' },
      { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 4 } },
      { name: 'color', type: { type: 'enum', name: 'Color', symbols: ['RED', 'GREEN'] } },
      { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 } },
      {
        name: 'rate',
        type: { type: 'fixed', name: 'Rate', size: 8, logicalType: 'decimal', precision: 18, scale: 6 },
      },
      { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
      { name: 'binaryId', type: { type: 'fixed', name: 'BinaryId', size: 16, logicalType: 'uuid' } },
      { name: 'day', type: { type: 'int', logicalType: 'date' } },
      { name: 'timeMillis', type: { type: 'int', logicalType: 'time-millis' } },
      { name: 'timeMicros', type: { type: 'long', logicalType: 'time-micros' } },
      { name: 'atMillis', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'atMicros', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'localMillis', type: { type: 'long', logicalType: 'local-timestamp-millis' } },
      { name: 'localMicros', type: { type: 'long', logicalType: 'local-timestamp-micros' } },
      { name: 'longs', type: { type: 'array', items: 'long' } },
      { name: 'names', type: { type: 'map', values: 'string' } },
      { name: 'maybeLong', type: ['null', 'long'] },
      { name: 'maybeAt', type: ['null', { type: 'long', logicalType: 'timestamp-millis' }] },
      { name: 'mixed', type: ['null', 'int', 'string', 'boolean', { type: 'array', items: 'Color' }] },
      {
        name: 'nested',
        type: { type: 'record', name: 'Nested', fields: [{ name: 'next', type: ['null', 'Nested'] }] },
      },
    ],
  },
};

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: 'binary' });
const bytes = (length?: number): fc.Arbitrary<Buffer> =>
  fc
    .uint8Array(length === undefined ? { maxLength: 40 } : { minLength: length, maxLength: length })
    .map((array) => Buffer.from(array));
const double = fc.double().filter((value) => !Object.is(value, -0));
const decimal = (digits: number, scale: number): fc.Arbitrary<string> =>
  fc.bigInt({ min: -(10n ** BigInt(digits)) + 1n, max: 10n ** BigInt(digits) - 1n }).map((unscaled) => {
    const padded = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
    return `${unscaled < 0n ? '-' : ''}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  });
const nested = fc.letrec<{ nested: { next: unknown } }>((tie) => ({
  nested: fc.record({ next: fc.option(tie('nested'), { maxDepth: 5 }) }),
})).nested;

/** Any value of `allTypes`, with edge cases of every type. */
export const anyValue: fc.Arbitrary<Record<string, unknown>> = fc.record({
  flag: fc.boolean(),
  small: fc.integer(),
  large: long,
  single: fc.float().filter((value) => !Object.is(value, -0)),
  double,
  text,
  raw: bytes(),
  hash: bytes(4),
  color: fc.constantFrom('RED', 'GREEN'),
  price: decimal(20, 2),
  rate: decimal(18, 6),
  id: fc.uuid(),
  binaryId: fc.uuid(),
  day: fc.date({ noInvalidDate: true }).map((date) => date.toISOString().split('T')[0]),
  timeMillis: fc.integer({ min: 0, max: 86_399_999 }),
  timeMicros: fc.bigInt({ min: 0n, max: 86_399_999_999n }),
  atMillis: fc.date({ noInvalidDate: true }),
  atMicros: long,
  localMillis: fc.date({ noInvalidDate: true }),
  localMicros: long,
  longs: fc.array(long),
  names: fc.dictionary(text, text),
  maybeLong: fc.option(long),
  maybeAt: fc.option(fc.date({ noInvalidDate: true })),
  mixed: fc.oneof(
    fc.constant(null),
    fc.integer(),
    text,
    fc.boolean(),
    fc.array(fc.constantFrom('RED', 'GREEN')),
  ),
  nested,
});

/** An event type whose record has these fields. */
export function eventTypeOf(fields: readonly Record<string, unknown>[]): EventType<Record<string, unknown>> {
  return {
    type: 'specs.Thing',
    topic: 'specs',
    subject: 'specs-specs.Thing',
    keyField: undefined,
    schema: { type: 'record', name: 'Thing', namespace: 'specs', fields },
  };
}
