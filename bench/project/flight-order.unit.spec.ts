import { inOrder } from './flight-order';
import type { Pair } from './flight-order';

const flight = (name: string, minute: number, delayMinutes: number): Pair<string> => ({
  departed: `${name} left`,
  landed: `${name} landed`,
  time: new Date(Date.UTC(2001, 0, 1, 0, minute)),
  distanceMiles: 240,
  delayMinutes,
});

// In the air for an hour, or longer when they are late.
const flights = [
  flight('a', 0, 90),
  flight('b', 5, 0),
  flight('c', 5, -600),
  flight('d', 30, 0),
  flight('e', 65, 0),
];

describe('the order of flights in a log', () => {
  it('has a landing among the departures of its minute, late ones later', async () => {
    expect(await all(flights, 'time')).toEqual([
      ...['a left', 'b left', 'c left', 'c landed', 'd left', 'b landed', 'e left'],
      ...['d landed', 'e landed', 'a landed'],
    ]);
  });

  it('has each landing right behind its departure when pairs are asked for', async () => {
    expect((await all(flights, 'pairs')).slice(0, 4)).toEqual(['a left', 'a landed', 'b left', 'b landed']);
    expect(await all(flights, 'pairs')).toHaveLength(10);
  });

  it('begins the same however many flights follow', async () => {
    const whole = await all(flights, 'time');
    const fewer = await all(flights.slice(0, 4), 'time');
    expect(fewer.slice(0, 5)).toEqual(whole.slice(0, 5));
  });
});

async function all(pairs: readonly Pair<string>[], order: 'time' | 'pairs'): Promise<string[]> {
  const given = async function* () {
    yield* pairs;
  };
  const events: string[] = [];
  for await (const event of inOrder(given(), order)) events.push(event);
  return events;
}
