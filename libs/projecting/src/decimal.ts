const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

interface Decimal {
  /** All its digits, as a whole number. */
  readonly units: bigint;
  /** How many of them stand behind the point. */
  readonly scale: number;
}

/**
 * The exact sum of two decimals, such as `-12.30`, with as many digits behind the point as the longer one.
 * @throws RangeError when a text is no decimal.
 */
export function addDecimals(a: string, b: string): string {
  const [left, right] = aligned(a, b);
  return written({ units: left.units + right.units, scale: left.scale });
}

/** Below, at or above 0 as `a` is less than, as much as, or more than `b`. @throws RangeError when a text is no decimal. */
export function compareDecimals(a: string, b: string): number {
  const [left, right] = aligned(a, b);
  if (left.units === right.units) return 0;
  return left.units < right.units ? -1 : 1;
}

/** The same number without zeros at its end. @throws RangeError when the text is no decimal. */
export function trimDecimal(text: string): string {
  let { units, scale } = parsed(text);
  for (; scale > 0 && units % 10n === 0n; scale -= 1) units /= 10n;
  return written({ units, scale });
}

function parsed(text: string): Decimal {
  const [, sign, whole, fraction = ''] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) throw new RangeError('expected a decimal such as -12.30, in plain digits');
  const digits = BigInt(whole + fraction);
  return { units: sign === '-' ? -digits : digits, scale: fraction.length };
}

function aligned(a: string, b: string): readonly [Decimal, Decimal] {
  const [left, right] = [parsed(a), parsed(b)];
  const scale = Math.max(left.scale, right.scale);
  const at = (each: Decimal) => ({ units: each.units * 10n ** BigInt(scale - each.scale), scale });
  return [at(left), at(right)];
}

function written({ units, scale }: Decimal): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale === 0 ? '' : `.${digits.slice(-scale)}`;
  return `${units < 0n ? '-' : ''}${whole}${fraction}`;
}
