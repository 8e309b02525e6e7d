import fc from 'fast-check';
import { isoTime } from './iso-time';

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
});
