import { parseTopicChoice, resolveRanges } from './resolve-ranges';
import type { RangeQuestion } from './resolve-ranges';

const bounds = [
  { start: 0n, end: 10n },
  { start: 4n, end: 8n },
  { start: 0n, end: 0n },
];

function question(changes: Partial<RangeQuestion>): { question: RangeQuestion; notes: string[] } {
  const notes: string[] = [];
  return {
    notes,
    question: {
      cluster: { logBounds: async () => bounds },
      offsetsAt: async () =>
        new Map([
          [0, 3n],
          [1, 6n],
          [2, 0n],
        ]),
      from: { kind: 'earliest' },
      to: undefined,
      follow: false,
      note: (line) => notes.push(line),
      ...changes,
    },
  };
}

async function starts(changes: Partial<RangeQuestion>): Promise<string[]> {
  const ranges = await resolveRanges([{ topic: 'flights' }], question(changes).question);
  return ranges.map(({ partition, from, to }) => `${partition}: ${from}..${to === undefined ? '' : to}`);
}

describe('the stretches between two places', () => {
  it('leave out partitions without a record', async () => {
    expect(await starts({})).toEqual(['0: 0..', '1: 4..']);
    expect(await starts({ from: { kind: 'latest' } })).toEqual([]);
  });

  it('take in every partition when the log is followed, the empty ones too', async () => {
    expect(await starts({ from: { kind: 'latest' }, follow: true })).toEqual(['0: 10..', '1: 8..', '2: 0..']);
  });

  it('begin and end where Kafka has the times', async () => {
    expect(await starts({ from: { kind: 'time', timestampMs: 1 } })).toEqual(['0: 3..', '1: 6..']);
    expect(await starts({ to: { kind: 'time', timestampMs: 1 } })).toEqual(['0: 0..3', '1: 4..6']);
  });

  it('begin at the nearest offset that the log holds, and say so', async () => {
    const { question: asked, notes } = question({ from: { kind: 'offset', offset: 9n } });
    const ranges = await resolveRanges([{ topic: 'flights' }], asked);
    expect(ranges).toEqual([{ topic: 'flights', partition: 0, from: 9n }]);
    expect(notes).toEqual(['flights/1 ends at offset 8', 'flights/2 ends at offset 0']);
  });

  it('can be those of one partition, if it exists', async () => {
    const { question: asked } = question({});
    expect(await resolveRanges([parseTopicChoice('flights/1')], asked)).toMatchObject([{ partition: 1 }]);
    await expect(resolveRanges([parseTopicChoice('flights/7')], asked)).rejects.toThrow(
      'flights/7: expected a partition of the 3 that flights has',
    );
    expect(() => parseTopicChoice('a b')).toThrow(/expected a topic/);
  });
});
