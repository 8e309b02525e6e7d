import type { ColumnType, Projection } from '@millrace/projecting';
import { entity } from './test/trial';
import { findUnfitColumn, readBack } from './stored-state';

function withColumn(type: ColumnType, kind: Projection['kind'] = 'entity'): Projection {
  return { ...entity((row) => row), kind, columns: [{ name: 'value', type, merge: undefined }] };
}

describe('what a column takes', () => {
  it.each<[ColumnType, unknown[], unknown[]]>([
    ['text', ['', 'ä𝄞'], ['a\0b', '\ud834', 7]],
    ['integer', [0, 2_147_483_647, -2_147_483_648], [2_147_483_648, 1.5, Number.NaN, 1n, '1']],
    ['bigint', [0n, 2n ** 63n - 1n, -(2n ** 63n)], [2n ** 63n, 1]],
    ['double', [1.5, Number.NaN, -Infinity], [1n, '1.5']],
    ['decimal', ['-12.30', '0', '12345678901234567890'], ['1e3', '.5', '', 12, 'NaN']],
    ['date', ['2001-02-28', '9999-12-31'], ['2001-02-30', '2001-1-1', new Date(0), '0000-01-01']],
    [
      'json',
      [{ a: [1, 'x', null] }, 'x'],
      [Number.NaN, { a: 1n }, [undefined], new Date(0), 'a\0', 'x'.repeat(65_536)],
    ],
    ['boolean', [true, false], [0, 'true']],
    ['timestamp', [new Date(0), new Date('9999-12-31')], [new Date(Number.NaN), 0, '2001-01-01']],
  ])('is for %s what the database gives back', (type, fitting, unfit) => {
    const projection = withColumn(type);
    const refused = (values: unknown[]) =>
      values.filter((value) => findUnfitColumn(projection, { value }) !== undefined);
    expect(refused(fitting)).toEqual([]);
    expect(refused(unfit)).toEqual(unfit);
    for (const value of fitting) expect(readBack(projection, { value })).toEqual({ value });
  });

  it('is null for an entity only', () => {
    expect(findUnfitColumn(withColumn('text'), { value: null })).toBeUndefined();
    expect(findUnfitColumn(withColumn('text', 'aggregate'), {})).toMatchObject({ name: 'value' });
  });

  it('comes back from json without the order of its members', () => {
    const back = readBack(withColumn('json'), { value: { b: 1, aa: 2, a: [{ d: 1, c: -0 }] } });
    expect(JSON.stringify(back['value'])).toBe('{"a":[{"c":0,"d":1}],"b":1,"aa":2}');
  });

  it('comes back without a minus before zero, with null for what is missing, and without what is no column', () => {
    expect(readBack(withColumn('double'), { value: -0, other: 1 })).toEqual({ value: 0 });
    expect(readBack(withColumn('text'), {})).toEqual({ value: null });
  });
});
