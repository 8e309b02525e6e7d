import { readFlights } from '../../examples/flights/feeder/flights';
import { flightIdAt } from './flight-id';

describe('the id of a flight by its place', () => {
  it.each([3, 20_001])('is the one that the feeder gives it, of %i flights', async (flights) => {
    const ids: string[] = [];
    for await (const { id } of readFlights(flights)) if (ids.push(id) === 3) break;
    expect([0, 1, 2].map((index) => flightIdAt(index, flights))).toEqual(ids);
  });
});
