const decimalPattern = /^-?\d{1,1000}(\.\d{0,1000})?$/;

/** How a decimal is stored: an integer of at most `precision` digits, `scale` of them after the point. */
export interface DecimalFormat {
  readonly precision: number;
  readonly scale: number;
}

/**
 * The unscaled integer of a decimal such as `-12.3`, or undefined when the text is not a decimal, has other digits
 * than zeros after the last place, or more digits than the precision allows. Nothing is rounded.
 */
export function parseDecimal(text: string, { precision, scale }: DecimalFormat): bigint | undefined {
  if (!decimalPattern.test(text)) return undefined;
  const [whole = '', fraction = ''] = text.split('.');
  if (/[^0]/.test(fraction.slice(scale))) return undefined;
  const unscaled = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'));
  return digitsOf(unscaled) > precision ? undefined : unscaled;
}

/** The decimal with exactly `scale` digits after the point. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Big-endian two's complement in as few bytes as hold it, or in exactly `size` when it is given. */
export function toTwosComplement(value: bigint, size?: number): Buffer | undefined {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length += 1;
  if (size !== undefined && length > size) return undefined;
  const bytes = Buffer.alloc(size ?? length);
  let rest = value;
  for (let index = bytes.length - 1; index >= 0; index -= 1) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** The reverse; no bytes are zero. */
export function fromTwosComplement(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

function digitsOf(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}
