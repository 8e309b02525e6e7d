import { parseLogPlace } from './log-place';

const now = Date.parse('2026-01-31T12:00:00Z');

describe('a place in the log', () => {
  it.each([
    ['earliest', { kind: 'earliest' }],
    ['latest', { kind: 'latest' }],
    ['9007199254740993', { kind: 'offset', offset: 9_007_199_254_740_993n }],
    ['-10m', { kind: 'time', timestampMs: now - 600_000 }],
    ['-2d', { kind: 'time', timestampMs: now - 172_800_000 }],
    ['2026-01-31', { kind: 'time', timestampMs: Date.parse('2026-01-31T00:00:00Z') }],
    ['2026-01-31T13:30+01:00', { kind: 'time', timestampMs: now + 1_800_000 }],
  ])('can be %s', (text, place) => {
    expect(parseLogPlace('--from', text, now)).toEqual(place);
  });

  it.each(['', '10m', '-10', '-1y', 'yesterday', '2026-13-01', '2026-01-31T12:00:00', '1.5', '-1'])(
    'cannot be %j, and the option is named',
    (text) => {
      expect(() => parseLogPlace('--from', text, now)).toThrow(
        /^--from: expected earliest, latest, an offset/,
      );
    },
  );
});
