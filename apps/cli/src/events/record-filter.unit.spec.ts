import { recordFilter } from './record-filter';
import type { TailedRecord } from './tailed-record';

const landed: TailedRecord = {
  position: 'flights/0/1',
  key: 'f-1',
  time: '2001-01-01T00:00:00.000Z',
  type: 'flights.FlightLanded',
  data: { origin: 'SEA', delayMinutes: 5, gate: null, at: { city: 'Oslo' } },
};
const broken: TailedRecord = {
  position: 'flights/0/2',
  key: 'f-2',
  time: '2001-01-01T00:00:00.000Z',
  problem: { code: 'SCHEMA_NOT_FRAMED', message: 'no' },
};

describe('a filter of records', () => {
  it.each([
    [{}, true],
    [{ type: ['flights.FlightDeparted', 'flights.FlightLanded'] }, true],
    [{ type: ['flights.FlightDeparted'] }, false],
    [{ key: ['f-1'] }, true],
    [{ key: ['f-2'] }, false],
    [{ where: ['origin=SEA', 'delayMinutes=5'] }, true],
    [{ where: ['origin=SEA', 'delayMinutes=6'] }, false],
    [{ where: ['gate=null'] }, true],
    [{ where: ['at.city=Oslo'] }, true],
    [{ where: ['at={"city":"Oslo"}'] }, true],
    [{ where: ['nowhere=undefined'] }, false],
    [{ where: ['constructor=x'] }, false],
  ])('%j lets an event through: %s', (options, expected) => {
    expect(recordFilter(options)(landed)).toBe(expected);
  });

  it('lets what cannot be decoded through, unless its key is another', () => {
    expect(recordFilter({ type: ['x'], where: ['a=b'] })(broken)).toBe(true);
    expect(recordFilter({ key: ['f-1'] })(broken)).toBe(false);
  });

  it('refuses a condition that is none', () => {
    expect(() => recordFilter({ where: ['origin'] })).toThrow(/--where: expected field=value/);
  });
});
