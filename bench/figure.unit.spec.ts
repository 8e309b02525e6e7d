import { benchLine, measuring, resultOf, spreadLine } from './figure';

const metric = { key: 'rate', name: 'ndjson-ingest', unit: 'events/s' };
const rounds = new Map([
  ['millrace', [{ rate: 50_000 }, { rate: 70_000.4 }, { rate: 60_000 }]],
  ['kafkajs', [{ rate: 100_000 }, { rate: 80_000 }, { rate: 120_000 }]],
  ['slow', [{ rate: 2.345 }]],
]);

describe('a figure', () => {
  it('has the medians, and ours divided by each peer’s', () => {
    expect(resultOf(metric, rounds, 'millrace')).toEqual({
      name: 'ndjson-ingest',
      unit: 'events/s',
      ours: 60_000,
      peers: { kafkajs: 100_000, slow: 2.35 },
      ratio: { kafkajs: 0.6, slow: 25_531.915 },
    });
  });

  it('is one line of JSON for programs', () => {
    const line = benchLine(resultOf(metric, rounds, 'millrace'));
    expect(line).toBe(
      'BENCH {"name":"ndjson-ingest","unit":"events/s","ours":60000,' +
        '"peers":{"kafkajs":100000,"slow":2.35},"ratio":{"kafkajs":0.6,"slow":25531.915}}',
    );
  });

  it('shows people the median and the spread', () => {
    expect(spreadLine(metric, 'millrace', rounds.get('millrace') ?? [])).toBe(
      '  millrace                     60,000 events/s (50,000–70,000, 3 rounds)',
    );
  });

  it('has no place for a contestant that does not measure it', () => {
    const both = new Map([
      ['millrace', [{ rate: 1, swapped: 2 }]],
      ['kafkajs', [{ rate: 4 }]],
    ]);
    const swapped = { key: 'swapped', name: 'rebuild-swapped', unit: 'events/s' };
    expect([...measuring(swapped, both).keys()]).toEqual(['millrace']);
    expect([...measuring(metric, both).keys()]).toEqual(['millrace', 'kafkajs']);
  });

  it('of a contestant that was never measured is refused', () => {
    expect(() => resultOf(metric, new Map([['millrace', []]]), 'millrace')).toThrow(RangeError);
  });
});
