import { queryProblems } from './query-problems';

const columns = (['origin', 'text', 'miles', 'integer', 'details', 'json'] as const).flatMap(
  (_value, index, all) =>
    index % 2 === 0 ? [{ name: all[index]!, type: all[index + 1] as 'text' | 'json', merge: undefined }] : [],
);

describe('what may be asked of a projection', () => {
  const of = (indexes: readonly (readonly string[])[], queryable: readonly string[] = [], kind = 'entity') =>
    queryProblems({ kind: kind as 'entity', columns }, { indexes, queryable });

  it('is any index on its columns, and any column without one', () => {
    expect(of([['origin'], ['miles', 'origin'], ['origin', 'miles']], ['miles', 'origin'])).toEqual([]);
    expect(of([], ['miles'], 'aggregate')).toEqual([]);
  });

  it.each([
    [
      'a column that it does not have',
      [['colour']],
      'its index on colour names colour, which is none of its columns',
    ],
    ['a column of JSON', [['details']], 'its index on details names details, and json has no order'],
    ['no column', [[]], 'its index on nothing must have 1 to 8 columns'],
    ['a column twice', [['miles', 'miles']], 'its index on miles, miles has miles twice'],
    ['the same twice', [['miles'], ['miles']], 'the index on miles is there twice'],
  ])('is no index on %s', (_what, indexes, problem) => {
    expect(of(indexes)).toEqual([problem]);
  });

  it('is no more indexes than a table should bear, and none of an aggregate', () => {
    const many = Array.from({ length: 17 }, (_, index) => ['origin', 'miles'].slice(index % 2));
    expect(of(many)).toContain('it has 17 indexes, and 16 at most');
    expect(of([['miles']], [], 'aggregate')).toEqual([
      'an aggregate has an index on its key alone: list what may be filtered under queryable',
    ]);
  });

  it('is no column that it does not have, or whose values have no order', () => {
    expect(of([], ['colour', 'details'])).toEqual([
      'queryable names colour, which is none of its columns',
      'queryable names details, and json has no order',
    ]);
  });
});
