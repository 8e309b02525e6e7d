import { isColumnValue } from './column-value';

describe('a value of a filter', () => {
  it.each([
    ['text', ['', 'a, b', "'; --"], ['\0', 'x'.repeat(2_601)]],
    ['integer', ['0', '-2147483648', '2147483647'], ['2147483648', '1.0', '', ' 1', '1e3', '0x1']],
    ['bigint', ['9223372036854775807', '-9223372036854775808'], ['9223372036854775808', '1n', '']],
    [
      'double',
      ['0', '-12.5', '1e-3', '1E+300', '0.0e5'],
      ['1e400', '1e-400', 'NaN', 'Infinity', '.5', '', '1,5'],
    ],
    ['decimal', ['-12.30', '0', '9'.repeat(200)], ['1e3', '.5', '5.', '', '9'.repeat(201)]],
    ['boolean', ['true', 'false'], ['TRUE', '1', '']],
    [
      'timestamp',
      ['2001-01-31T12:30:00Z', '2001-01-31T12:30:00.123456+05:30', '0001-01-01T00:00:00-08:00'],
      [
        '2001-01-31',
        '2001-01-31T12:30:00',
        '2001-02-29T00:00:00Z',
        '2001-01-31T25:00:00Z',
        '2001-01-31T12:30:00+17:00',
      ],
    ],
    [
      'date',
      ['2001-01-31', '2000-02-29', '9999-12-31'],
      ['2001-02-29', '2001-1-1', '0000-01-01', 'today', ''],
    ],
    ['json', [], ['{}', '1', '']],
  ] as const)('of a column of %s is a value of it', (type, values, others) => {
    expect(values.filter((text) => !isColumnValue(type, text))).toEqual([]);
    expect(others.filter((text) => isColumnValue(type, text))).toEqual([]);
  });
});
