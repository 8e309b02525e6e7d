import { catalogue } from '@millrace/contracts';
import { compileEvent } from '../compiled-event';
import { nearestName, parseJsonPayload } from '../index';
import type { ParsedPayload } from '../index';
import { allTypes, eventTypeOf } from './all-types';
import { catchError } from './catch-error';

const parcel = eventTypeOf([
  { name: 'parcelId', type: 'string' },
  { name: 'sender', type: 'string' },
  { name: 'receiver', type: 'string' },
  { name: 'weightGrams', type: 'int' },
]);

function problemsOf(parsed: ParsedPayload<unknown>): string[] {
  return parsed.ok ? [] : parsed.problems.map(({ path, expected, got }) => `${path}: ${expected} | ${got}`);
}

/** What a field of one type makes of a JSON value: the value, or the problem. */
function read(type: unknown, value: unknown): unknown {
  const parsed = parseJsonPayload(eventTypeOf([{ name: 'x', type }]), { x: value });
  return parsed.ok ? parsed.value['x'] : parsed.problems.map(({ got }) => got);
}

describe('a payload that does not fit its schema', () => {
  it('is answered with all of its problems at once, each with its place', () => {
    const parsed = parseJsonPayload(parcel, {
      parcelId: 1,
      sender: 'a',
      weightGram: 4,
      weightGrams: 'much',
    });
    expect(problemsOf(parsed)).toEqual([
      '/parcelId: string (of whole Unicode characters) | integer',
      '/receiver: string (of whole Unicode characters) | nothing',
      '/weightGrams: int (an integer from -2147483648 to 2147483647) | string',
      '/weightGram: no field of this name; the nearest is weightGrams | integer',
    ]);
  });

  it('never has its values repeated to it', () => {
    const secret = 'hunter2-'.repeat(20);
    const parsed = parseJsonPayload(parcel, {
      parcelId: '1',
      sender: { secret },
      receiver: '',
      weightGrams: secret,
    });
    expect(problemsOf(parsed)).toHaveLength(2);
    expect(JSON.stringify(parsed)).not.toContain('hunter2');
  });

  it('gets at most 20 problems, however long it is', () => {
    const parsed = parseJsonPayload(eventTypeOf([{ name: 'x', type: { type: 'array', items: 'int' } }]), {
      x: Array.from({ length: 100_000 }, () => 'no'),
    });
    expect(problemsOf(parsed)).toHaveLength(20);
  });

  it('has its places written as JSON pointers, with ~ and / escaped', () => {
    const type = { type: 'map', values: { type: 'array', items: 'int' } };
    const parsed = parseJsonPayload(eventTypeOf([{ name: 'x', type }]), { x: { 'a/b~c': [1, null] } });
    expect(problemsOf(parsed)).toEqual([
      '/x/a~1b~0c/1: int (an integer from -2147483648 to 2147483647) | null',
    ]);
  });

  it.each([null, [], 'text', 3])('is refused as a whole when it is no object: %j', (payload) => {
    expect(problemsOf(parseJsonPayload(parcel, payload))).toHaveLength(1);
  });

  it('names the nearest symbol of an enum, and the branches of a union', () => {
    const fields = allTypes.schema.fields.filter(({ name }) => name === 'color' || name === 'maybeLong');
    const parsed = parseJsonPayload(eventTypeOf(fields), { color: 'GREN', maybeLong: {} });
    expect(problemsOf(parsed)).toContain('/color: one of RED, GREEN; the nearest is GREEN | string');
    expect(problemsOf(parsed)).toContain('/maybeLong: null or long | object');
  });
});

describe('a field in JSON', () => {
  const timestamp = { type: 'long', logicalType: 'timestamp-millis' };
  const local = { type: 'long', logicalType: 'local-timestamp-millis' };
  const micros = { type: 'long', logicalType: 'timestamp-micros' };
  const decimal = { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 2 };
  const date = { type: 'int', logicalType: 'date' };

  it.each([
    ['int', 2147483647, 2147483647],
    ['long', 5, 5n],
    ['long', '9223372036854775807', 9223372036854775807n],
    ['double', 'NaN', NaN],
    ['bytes', 'AQI=', Buffer.from([1, 2])],
    [timestamp, '2001-01-31T12:30:00+01:00', new Date('2001-01-31T11:30:00Z')],
    [timestamp, 1000, new Date(1000)],
    [local, '2001-01-31T12:30', new Date('2001-01-31T12:30:00Z')],
    [micros, '2001-01-31T12:30:00.123456Z', 980944200123456n],
    [micros, '1969-12-31T23:59:59.999999Z', -1n],
    [decimal, '12.3', '12.30'],
    [decimal, '-0.5', '-0.50'],
    [decimal, 12.3, '12.30'],
    [decimal, '12.3000', '12.30'],
    [date, '2000-02-29', '2000-02-29'],
  ])('of type %j may be %j', (type, json, value) => {
    expect(read(type, json)).toEqual(value);
  });

  it.each([
    ['int', 2147483648],
    ['int', 1.5],
    ['long', 9007199254740992],
    ['long', '9223372036854775808'],
    ['long', '1e3'],
    ['float', 1e39],
    ['string', '\ud800'],
    ['bytes', 'not base64!'],
    [{ type: 'fixed', name: 'F', size: 2 }, 'AQ=='],
    [timestamp, '2001-01-31T12:30:00'],
    [timestamp, '2001-02-30T12:30:00Z'],
    [timestamp, '2001-01-31T12:30:00.0001Z'],
    [timestamp, 1e17],
    [decimal, '12.345'],
    [decimal, '1234.5'],
    [decimal, 0.1 + 0.2],
    [date, '2001-02-29'],
    [{ type: 'string', logicalType: 'uuid' }, 'not-a-uuid'],
    [{ type: 'int', logicalType: 'time-millis' }, 86_400_000],
  ])('of type %j may not be %j: nothing is rounded or cut to fit', (type, json) => {
    expect(read(type, json)).toEqual([expect.any(String)]);
  });

  it('that is missing takes the default of its schema, a fresh one each time', () => {
    const type = eventTypeOf([
      { name: 'count', type: 'long', default: 3 },
      { name: 'tags', type: { type: 'array', items: 'string' }, default: [] },
      { name: 'note', type: ['null', 'string'], default: null },
    ]);
    const [one, two] = [parseJsonPayload(type, {}), parseJsonPayload(type, {})];
    expect(one).toEqual({ ok: true, value: { count: 3n, tags: [], note: null } });
    expect(one.ok && two.ok && one.value['tags'] !== two.value['tags']).toBe(true);
  });

  it('may be called like a member of every object', () => {
    const type = eventTypeOf([{ name: 'constructor', type: 'string', default: 'none' }]);
    expect(parseJsonPayload(type, {})).toEqual({ ok: true, value: { constructor: 'none' } });
    expect(parseJsonPayload(type, { constructor: 'x' })).toEqual({ ok: true, value: { constructor: 'x' } });
  });

  it('may be a map with the key __proto__, which changes no prototype', () => {
    const parsed = read({ type: 'map', values: 'int' }, JSON.parse('{"__proto__":1}'));
    expect(Object.entries(parsed as object)).toEqual([['__proto__', 1]]);
  });
});

describe('a schema', () => {
  it.each([
    ['a union whose branches look alike', ['string', 'bytes']],
    ['a logical type on the wrong type', { type: 'int', logicalType: 'uuid' }],
    ['a decimal without precision', { type: 'bytes', logicalType: 'decimal' }],
    [
      'a fixed too small for its decimal',
      { type: 'fixed', name: 'F', size: 1, logicalType: 'decimal', precision: 5 },
    ],
  ])('with %s is refused when it is compiled', (_what, type) => {
    expect(catchError(() => compileEvent(eventTypeOf([{ name: 'x', type }])))).toMatchObject({
      code: 'SCHEMA_UNREADABLE',
    });
  });

  it('of the catalogue can always be compiled', () => {
    for (const event of catalogue.events) expect(() => compileEvent(event)).not.toThrow();
  });
});

describe('nearestName', () => {
  it('finds a misspelt name and gives up on a different one', () => {
    expect(nearestName('parcels.ParcelSnt', ['parcels.ParcelSent', 'parcels.ParcelLost'])).toBe(
      'parcels.ParcelSent',
    );
    expect(nearestName('orders.Placed', ['parcels.ParcelLost'])).toBeUndefined();
  });
});
