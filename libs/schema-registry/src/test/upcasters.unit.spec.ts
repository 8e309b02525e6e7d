import { defineUpcaster } from '@millrace/contracts';
import type { Catalogue, Upcaster } from '@millrace/contracts';
import { EventCodec } from '../codec/event-codec';
import { readWrittenBefore } from '../codec/read-written-before';
import { RegistryClient } from '../registry/registry-client';
import { eventTypeOf } from './all-types';
import { catchError } from './catch-error';

const at = { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } };
const first = eventTypeOf([at, { name: 'seconds', type: 'int' }]);
const second = eventTypeOf([at, { name: 'minutes', type: 'int' }]);
const present = eventTypeOf([
  at,
  { name: 'hours', type: 'int', default: 0 },
  { name: 'minutesBeyond', type: 'int', default: 0 },
  { name: 'gate', type: ['null', 'string'], default: null },
]);
const { type: event } = present;

const toMinutes = defineUpcaster<{ seconds: number }>({
  ...{ event, name: 'seconds-to-minutes', writtenWith: { has: ['seconds'], lacks: ['minutes'] } },
  upcast: ({ seconds, ...others }) => ({ ...others, minutes: Math.round(seconds / 60) }),
});
const toHours = defineUpcaster<{ minutes: number }>({
  ...{ event, name: 'minutes-to-hours', writtenWith: { has: ['minutes'], lacks: ['hours'] } },
  upcast: ({ minutes, ...others }) => ({
    ...others,
    hours: Math.floor(minutes / 60),
    minutesBeyond: minutes % 60,
  }),
});

function withUpcasters(...upcasters: Upcaster[]): Catalogue {
  return { topics: [], events: [present], upcasters };
}

function read(catalogue: Catalogue, { schema }: typeof first, value: object): unknown {
  return readWrittenBefore(catalogue, present, { schema, value });
}

describe('an upcaster', () => {
  const noon = new Date('2001-01-01T12:00:00Z');

  it('lifts an older version, where Avro would have put defaults in', () => {
    const value = { at: noon, minutes: 75 };
    expect(read(withUpcasters(), second, value)).toEqual({
      at: noon,
      hours: 0,
      minutesBeyond: 0,
      gate: null,
    });
    const lifted = { at: noon, hours: 1, minutesBeyond: 15, gate: null };
    expect(read(withUpcasters(toHours), second, value)).toEqual(lifted);
  });

  it('runs behind those of the versions before', () => {
    const lifted = { at: noon, hours: 2, minutesBeyond: 1, gate: null };
    const both = withUpcasters(toMinutes, toHours);
    expect(read(both, first, { at: noon, seconds: 7_260 })).toEqual(lifted);
    // Those of the versions before are not for it.
    expect(read(both, second, { at: noon, minutes: 121 })).toEqual(lifted);
  });

  it('leaves the present version alone, and versions that it is not for', () => {
    const value = { at: noon, hours: 1, minutesBeyond: 2, gate: 'A1' };
    const never = { ...toHours, writtenWith: {}, upcast: () => ({ hours: 99 }) };
    expect(read(withUpcasters(never), present, value)).toEqual(value);
    const other = { ...toHours, writtenWith: { has: ['nothing'] } };
    expect(read(withUpcasters(other), second, { at: noon, minutes: 75 })).toMatchObject({ hours: 0 });
  });

  it('sees a payload of its own, so that changing it changes nothing else', () => {
    const greedy = defineUpcaster<{ minutes?: number }>({
      ...{ event, name: 'greedy', writtenWith: { has: ['minutes'] } },
      upcast: (old) => {
        delete (old as { minutes?: number }).minutes;
        return { ...old, hours: 3 };
      },
    });
    const value = { at: noon, minutes: 75 };
    expect(read(withUpcasters(greedy), second, value)).toMatchObject({ hours: 3 });
    expect(value).toEqual({ at: noon, minutes: 75 });
  });

  it.each([
    ['throws', () => failing('no time zone'), /minutes-to-hours: it threw: no time zone/],
    ['gives no object', () => undefined as unknown as object, /it gave no object/],
    ['gives a promise', () => Promise.resolve({}), /it gave no object/],
    ['leaves a needed field out', () => ({ hours: 1 }), /\/at: expected .*, got/],
    ['gives another type', () => ({ at: new Date(0), hours: '1' }), /\/hours: expected int, got/],
  ])('that %s is a decode error with its name and the schema', (_what, upcast, message) => {
    const error = catchError(() =>
      read(withUpcasters({ ...toHours, upcast }), second, { at: new Date(0), minutes: 75 }),
    );
    expect(error).toMatchObject({ code: 'EVENT_NOT_UPCAST', retriable: false });
    expect(error).toMatchObject({ context: { upcasters: 'minutes-to-hours', schemaId: 1, type: event } });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toMatch(/written with schema 1.*mend upcasters\.ts/s);
  });

  it('of an event type that nobody knows is refused at the start', () => {
    const lost = { ...toHours, event: 'specs.Gone' };
    const codec = (upcaster: Upcaster) =>
      new EventCodec(withUpcasters(upcaster), new RegistryClient({ url: 'http://127.0.0.1:1' }));
    expect(() => codec(toMinutes)).not.toThrow();
    const error = catchError(() => codec(lost));
    expect(error).toMatchObject({ code: 'UPCASTER_UNKNOWN', context: { type: 'specs.Gone' } });
  });
});

function failing(message: string): never {
  throw new Error(message);
}
