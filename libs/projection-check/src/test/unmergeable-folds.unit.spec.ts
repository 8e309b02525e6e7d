import type { Projection } from '@millrace/projecting';
import { aggregate, errorOf } from './trial';

type Sin = [sin: string, projection: Projection, fault: string, finding: RegExp, events: number];

const sins: Sin[] = [
  [
    'keeps the last in a column that merges by max',
    aggregate((sums, { amount }) => ({ ...sums, last: amount })),
    'differs-when-merged',
    /in one [xy]\.last = \d, merged from 2 [xy]\.last = \d/,
    2,
  ],
  [
    'starts from one',
    aggregate((sums) => ({ ...sums, count: sums.count + 1n }), { count: 1n }),
    'empty-not-neutral',
    /before the merge with it [xy]\.count = 2n, after it [xy]\.count = 3n/,
    1,
  ],
  [
    'starts from a maximum above what comes',
    aggregate((sums, { amount }) => ({ ...sums, last: amount }), { last: 100 }),
    'empty-not-neutral',
    /last = 100/,
    1,
  ],
  [
    'multiplies in a sum',
    aggregate((sums, { amount }) => ({ ...sums, share: (sums.share + 1) * (amount + 2) })),
    'differs-when-merged',
    /share/,
    2,
  ],
  [
    'mixes what is no number into a minimum',
    aggregate((sums, { amount }) => ({
      ...sums,
      least: Math.min(sums.least, amount === 2 ? Number.NaN : amount),
    })),
    'differs-when-merged',
    /least = Number\.NaN, merged from 2 x\.least = \d/,
    2,
  ],
];

describe('an aggregate that depends on its partitions', () => {
  it.each(sins)('is found when it %s', (_sin, projection, fault, finding, events) => {
    const error = errorOf(projection);
    expect(error.context).toEqual({ projection: projection.name, fault });
    expect(error.message).toMatch(finding);
    expect(error.events).toHaveLength(events);
  });
});
