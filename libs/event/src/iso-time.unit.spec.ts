import fc from 'fast-check';
import { isoTime, parseUtcTime } from './iso-time';

describe('a time in ISO 8601', () => {
  it('is what toISOString gives, for any time after any other', () => {
    const anyTimes = fc.array(
      fc.oneof(
        fc.date({ noInvalidDate: true }),
        fc.integer().map((ms) => new Date(ms)),
      ),
    );
    fc.assert(
      fc.property(anyTimes, (times) => {
        expect(times.map(isoTime)).toEqual(times.map((time) => time.toISOString()));
      }),
    );
  });

  it.each([-1, 0, 86_399_999, 86_400_000, 999, 1_000, 8.64e15, -8.64e15])('is right at %i ms', (ms) => {
    expect(isoTime(new Date(ms))).toBe(new Date(ms).toISOString());
  });

  it('of an invalid date is an error, and the next one is right', () => {
    expect(() => isoTime(new Date(Number.NaN))).toThrow(RangeError);
    expect(isoTime(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  });

  it('is read back, for any time after any other, with and without milliseconds', () => {
    const years0To9999 = {
      noInvalidDate: true,
      min: new Date(-62_167_219_200_000),
      max: new Date(253_402_300_799_999),
    };
    fc.assert(
      fc.property(fc.array(fc.date(years0To9999)), (times) => {
        expect(times.map((time) => parseUtcTime(time.toISOString()))).toEqual(times.map(Number));
        const seconds = times.map((time) => `${time.toISOString().slice(0, 19)}Z`);
        expect(seconds.map(parseUtcTime)).toEqual(seconds.map((text) => Date.parse(text)));
      }),
    );
  });

  it('is not read from a text that differs in one character from a time, unless that is a time', () => {
    const characters = '0123456789TZ:-.+ tz/;\u0661'.match(/./gu) ?? [];
    const change = fc.record({ at: fc.nat(23), to: fc.constantFrom(...characters) });
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
        change,
        (time, { at, to }) => {
          const text = time.toISOString();
          const changed = text.slice(0, at) + to + text.slice(at + 1);
          const read = parseUtcTime(changed);
          if (read !== undefined) expect(new Date(read).toISOString()).toBe(changed);
          else
            expect([changed, new Date(Date.parse(changed) || 0).toISOString() === changed]).toEqual([
              changed,
              false,
            ]);
        },
      ),
    );
  });

  it.each([
    '2001-02-29T00:00:00Z',
    '2001-04-31T00:00:00.000Z',
    '2001-01-01T24:00:00Z',
    '2001-01-01T23:59:60Z',
    '2001-1-1T00:00:00.00Z',
    '',
  ])('is not read from %j', (text) => {
    expect(parseUtcTime(text)).toBeUndefined();
  });
});
