import fc from 'fast-check';
import type { Flight } from '../feeder/flight';
import { foldAirports, foldFlights } from './independent-fold';
import type { AirportRow } from './independent-fold';

const airport = fc.constantFrom('ATL', 'BOS', 'JFK', 'LAX', 'SFO');
const flights: fc.Arbitrary<Flight[]> = fc.array(
  fc.record({
    id: fc.string(),
    date: fc.constant('2001/01/01 00:47'),
    delay: fc.integer({ min: -60, max: 600 }),
    distance: fc.nat(),
    origin: airport,
    destination: airport,
  }),
);

/** The definition, read off: one look at all flights for each number. */
function naively(flights: readonly Flight[]): AirportRow[] {
  const names = [...new Set(flights.flatMap(({ origin, destination }) => [origin, destination]))].sort();
  return names.map((airport) => {
    const landings = flights.filter(({ destination }) => destination === airport);
    const onTime = landings.filter(({ delay }) => delay < 15).length;
    return {
      airport,
      departures: flights.filter(({ origin }) => origin === airport).length,
      arrivals: landings.length,
      delayMinutes: landings.reduce((sum, { delay }) => sum + delay, 0),
      onTimeShare: landings.length === 0 ? null : onTime / landings.length,
    };
  });
}

describe('the fold of the file', () => {
  it('sums the airports in one pass as the definition says', () =>
    fc.assert(
      fc.asyncProperty(flights, async (flights) => {
        expect(await foldAirports(flights)).toEqual({
          airports: naively(flights),
          flights: flights.length,
          delayMinutes: flights.reduce((sum, { delay }) => sum + delay, 0),
        });
      }),
    ));

  it('takes a local time without a zone as UTC', async () => {
    const flight = {
      id: '20k-00001',
      date: '2001/07/04 23:59',
      delay: 66,
      distance: 1_750,
      origin: 'DTW',
      destination: 'LAS',
    };
    for await (const row of foldFlights([flight])) {
      expect(row).toEqual({
        flightId: '20k-00001',
        origin: 'DTW',
        destination: 'LAS',
        departedAt: '2001-07-04T23:59:00.000Z',
        distanceMiles: 1_750,
        delayMinutes: 66,
      });
    }
    expect.assertions(1);
  });
});
