import type { Flight } from './flight';
import { readFlights } from './flights';
import { readFlights3m } from './flights-3m';

async function take(flights: AsyncIterable<Flight>): Promise<Flight[]> {
  const taken: Flight[] = [];
  for await (const flight of flights) taken.push(flight);
  return taken;
}

describe('the 3,000,000 flights', () => {
  it('have the shape of the 20,000, with local times to the minute', async () => {
    expect(await take(readFlights3m({ to: 3 }))).toEqual([
      {
        id: '3m-0000001',
        date: '2001/01/01 00:01',
        delay: 33,
        distance: 2_176,
        origin: 'LAS',
        destination: 'PHL',
      },
      {
        id: '3m-0000002',
        date: '2001/01/01 00:01',
        delay: 19,
        distance: 215,
        origin: 'ATL',
        destination: 'SAV',
      },
      {
        id: '3m-0000003',
        date: '2001/01/01 00:01',
        delay: 14,
        distance: 405,
        origin: 'MCI',
        destination: 'MDW',
      },
    ]);
    const [small] = await take(readFlights(1));
    expect(small).toEqual({
      id: '20k-00001',
      date: '2001/01/01 00:47',
      delay: 66,
      distance: 1_750,
      origin: 'DTW',
      destination: 'LAS',
    });
  });

  it('are read on from any row, across the groups that the file is made of', async () => {
    const rows = await take(readFlights3m({ from: 272_726, to: 272_728 }));
    expect(rows.map(({ id, date, delay, origin }) => [id, date, delay, origin])).toEqual([
      ['3m-0272727', '2001/01/17 15:35', -10, 'HOU'],
      ['3m-0272728', '2001/01/17 15:35', 14, 'OAK'],
    ]);
    expect(await take(readFlights3m({ from: 2_999_999 }))).toMatchObject([
      { id: '3m-3000000', date: '2001/07/01 00:00', delay: 33, distance: 373, destination: 'CVG' },
    ]);
  });

  it('are as many as their name says, with ids in the order of the rows', async () => {
    const seen = { flights: 0, delayMinutes: 0, outOfOrder: 0 };
    let before = '';
    for await (const { id, delay } of readFlights(3_000_000)) {
      seen.flights += 1;
      seen.delayMinutes += delay;
      if (id <= before) seen.outOfOrder += 1;
      before = id;
    }
    expect(seen).toEqual({ flights: 3_000_000, delayMinutes: 20_003_603, outOfOrder: 0 });
  }, 60_000);
});
