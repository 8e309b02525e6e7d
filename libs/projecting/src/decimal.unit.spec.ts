import * as fc from 'fast-check';
import { addDecimals, compareDecimals, trimDecimal } from './decimal';

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(6))
  .map(([units, scale]) => {
    const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
    const point = digits.length - scale;
    const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
    return { text: `${units < 0n ? '-' : ''}${text}`, millionths: units * 10n ** BigInt(6 - scale) };
  });
const millionthsOf = (text: string) => BigInt(addDecimals(text, '0.000000').replace('.', ''));

describe('decimals as text', () => {
  it('are added and compared exactly, however many digits they have', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(millionthsOf(addDecimals(a.text, b.text))).toBe(a.millionths + b.millionths);
        const [difference, order] = [a.millionths - b.millionths, compareDecimals(a.text, b.text)];
        expect([order < 0, order > 0]).toEqual([difference < 0n, difference > 0n]);
        expect(compareDecimals(trimDecimal(a.text), a.text)).toBe(0);
      }),
    );
  });

  it('keep the digits behind the point, until they are trimmed', () => {
    expect(addDecimals('1.50', '0.5')).toBe('2.00');
    expect(addDecimals('-0.01', '0.001')).toBe('-0.009');
    expect(addDecimals('0.1', '0.2')).toBe('0.3');
    expect(addDecimals('-1.0', '1')).toBe('0.0');
    expect(['2.00', '-0.090', '100', '0.00'].map(trimDecimal)).toEqual(['2', '-0.09', '100', '0']);
  });

  it.each(['', '1e3', '.5', '1.', '+1', '1,5', 'NaN', ' 1'])('are refused when written as %j', (text) => {
    expect(() => addDecimals(text, '1')).toThrow('expected a decimal such as -12.30');
  });
});
