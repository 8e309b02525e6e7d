import type { EventType } from '@millrace/contracts';
import { byteRangeOf } from '@millrace/event';
import { encodeEvent } from '../codec/encode-event';
import { makeEventReader } from '../codec/event-reader';
import { eventTypeOf } from './all-types';
import { catchError } from './catch-error';

type Fields = readonly Record<string, unknown>[];

/** What a reader of some fields makes of a value that was written with others. */
function evolve(written: Fields, value: Record<string, unknown>, read: Fields): unknown {
  const writer = eventTypeOf(written);
  return decodeWith(eventTypeOf(read), writer.schema, encodeEvent(writer, 1, value));
}

function decodeWith(event: EventType, schema: object, value: Buffer): unknown {
  const registered = { schemaType: 'AVRO', text: JSON.stringify(schema), references: 0 };
  const reader = makeEventReader(
    { topics: [], events: [event] },
    { topic: 'specs', schemaId: 1, schema: registered },
  );
  if ('error' in reader) throw reader.error();
  return reader.decode(byteRangeOf(value));
}

const millis = { type: 'long', logicalType: 'timestamp-millis' };
const large = 2n ** 62n + 1n;

describe('a record of another schema version', () => {
  it('takes the defaults of fields it does not have', () => {
    const read = [
      { name: 'a', type: 'int' },
      { name: 'at', type: millis, default: 0 },
      { name: 'b', type: ['null', 'long'], default: null },
    ];
    expect(evolve([{ name: 'a', type: 'int' }], { a: 1 }, read)).toEqual({ a: 1, at: new Date(0), b: null });
  });

  it('loses the fields that the reader does not have, whatever their types', () => {
    const gone = [
      { name: 'list', type: { type: 'array', items: { type: 'map', values: 'string' } } },
      { name: 'at', type: millis },
      { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 2 } },
      { name: 'mixed', type: ['null', 'int', 'string'] },
      { name: 'large', type: 'long' },
    ];
    const value = { list: [{ k: 'v' }, {}], at: new Date(5), price: '1.00', mixed: 'x', large, last: 'kept' };
    const last = { name: 'last', type: 'string' };
    expect(evolve([...gone, last], value, [last])).toEqual({ last: 'kept' });
  });

  it.each([
    ['int', 7, 'long', 7n],
    ['int', 7, 'double', 7],
    ['long', large, ['null', 'long'], large],
    ['string', 'x', ['null', 'string'], 'x'],
    ['int', 7, ['null', 'long'], 7n],
    ['long', 1000n, millis, new Date(1000)],
    [millis, new Date(1000), 'long', 1000n],
    [millis, new Date(1000), ['null', millis], new Date(1000)],
    [
      { type: 'array', items: 'long' },
      [large, -1n],
      { type: 'array', items: ['null', 'long'] },
      [large, -1n],
    ],
    [{ type: 'map', values: 'long' }, { k: large }, { type: 'map', values: 'long' }, { k: large }],
    [
      { type: 'long', logicalType: 'timestamp-micros' },
      large,
      { type: 'long', logicalType: 'timestamp-micros' },
      large,
    ],
  ])('reads %j %p as %j', (written, value, read, expected) => {
    // The second field forces a resolver even where the first one's type is the same.
    const result = evolve(
      [
        { name: 'x', type: written },
        { name: 'old', type: 'int' },
      ],
      { x: value, old: 1 },
      [{ name: 'x', type: read }],
    );
    expect(result).toEqual({ x: expected });
  });

  it.each([
    ['milliseconds as microseconds', millis, new Date(1), { type: 'long', logicalType: 'timestamp-micros' }],
    [
      'a decimal of another scale',
      { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 3 },
      '1.000',
      { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 2 },
    ],
    ['a string as a number', 'string', 'x', 'int'],
  ])('is refused rather than misread: %s', (_what, written, value, read) => {
    expect(
      catchError(() => evolve([{ name: 'x', type: written }], { x: value }, [{ name: 'x', type: read }])),
    ).toMatchObject({ code: 'SCHEMA_UNREADABLE' });
  });

  it('is found under a former name that the schema lists as an alias', () => {
    const writer = eventTypeOf([{ name: 'x', type: 'int' }]);
    const renamed = {
      ...writer,
      type: 'specs.Better',
      schema: { ...writer.schema, name: 'Better', aliases: ['specs.Thing'] },
    };
    expect(decodeWith(renamed, writer.schema, encodeEvent(writer, 1, { x: 3 }))).toEqual({ x: 3 });
  });

  it('is refused by name when its type is not in the catalogue for the topic', () => {
    const writer = eventTypeOf([{ name: 'x', type: 'int' }]);
    const other = { ...writer, schema: { ...writer.schema, name: 'Other' } };
    expect(
      catchError(() => decodeWith(writer, other.schema, encodeEvent(writer, 1, { x: 3 }))),
    ).toMatchObject({
      code: 'EVENT_TYPE_UNEXPECTED',
      context: { type: 'specs.Other' },
    });
  });
});

describe('a corrupt body', () => {
  const list = [{ name: 'x', type: { type: 'array', items: 'null' } }];
  const map = [{ name: 'x', type: { type: 'map', values: 'null' } }];
  const hugeCount = Buffer.from([0, 0, 0, 0, 1, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]);
  const backwards = Buffer.from([0, 0, 0, 0, 1, 0x01, 0x13]);

  it.each([
    ['a list of more items than it has bytes', list, hugeCount],
    ['a map of more entries than it has bytes', map, hugeCount],
    ['bytes after its end', [{ name: 'x', type: 'int' }], Buffer.from([0, 0, 0, 0, 1, 2, 2])],
    ['an early end', [{ name: 'x', type: 'string' }], Buffer.from([0, 0, 0, 0, 1, 8, 65])],
  ])('with %s is an error, not a hang', (_what, fields, value) => {
    const event = eventTypeOf(fields);
    expect(catchError(() => decodeWith(event, event.schema, value))).toMatchObject({ code: 'EVENT_CORRUPT' });
  });

  it.each([
    ['a huge count', hugeCount],
    ['a block that leads backwards', backwards],
  ])('is an error as well where the reader skips it: %s', (_what, value) => {
    const read = eventTypeOf([{ name: 'y', type: 'int', default: 0 }]);
    const written = eventTypeOf([...list, { name: 'y', type: 'int' }]);
    expect(catchError(() => decodeWith(read, written.schema, value))).toMatchObject({
      code: 'EVENT_CORRUPT',
    });
  });
});

describe('a value that does not fit', () => {
  it('is refused by the encoder with every place and no value', () => {
    const event = eventTypeOf([
      { name: 'n', type: 'int' },
      { name: 'at', type: millis },
      { name: 'text', type: 'string' },
    ]);
    const error = catchError(() =>
      encodeEvent(event, 1, { n: 'hunter2', at: new Date(NaN), text: 'half \ud800' }),
    );
    expect(error).toHaveProperty('code', 'EVENT_INVALID');
    expect(error).not.toHaveProperty('cause');
    expect((error as { problems: { path: string }[] }).problems.map(({ path }) => path)).toEqual([
      '/n',
      '/at',
      '/text',
    ]);
    expect((error as Error).message).not.toContain('hunter2');
  });
});
