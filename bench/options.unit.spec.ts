import { parseOptions } from './options';

const figures = ['ndjson-ingest', 'latency'];
const defaults = { rounds: 5, events: 200_000 };

describe('the options of a benchmark', () => {
  it('are the suite’s own rounds of every figure without any', () => {
    expect(parseOptions([], figures, defaults)).toEqual({
      help: false,
      rounds: 5,
      events: 200_000,
      only: [],
      order: 'time',
    });
  });

  it('name figures one by one or in a row', () => {
    const args = [
      ...['--only', 'latency', '--only', 'ndjson-ingest,latency'],
      ...['--rounds', '2', '--events', '5000', '--order', 'pairs'],
    ];
    expect(parseOptions(args, figures, defaults)).toEqual({
      help: false,
      rounds: 2,
      events: 5_000,
      only: ['latency', 'ndjson-ingest', 'latency'],
      order: 'pairs',
    });
  });

  it.each([
    [['--only', 'speed'], /speed is none of ndjson-ingest, latency/],
    [['--rounds', '0'], /from 1 to 1000, got 0/],
    [['--rounds', 'many'], /got many/],
    [['--events', '1.5'], /whole number/],
    [['--order', 'size'], /expected time or pairs, got size/],
  ])('refuse %j', (args, message) => {
    expect(() => parseOptions(args, figures, defaults)).toThrow(message);
  });
});
