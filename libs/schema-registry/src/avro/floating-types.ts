import avsc from 'avsc';
import type { ResolverSlot } from './logical-type';
import { readLongAsNumber } from './long-type';

/** What avsc's types have and its declarations do not. */
interface Updating {
  _update(this: avsc.Type, resolver: ResolverSlot, writer: avsc.Type): void;
}

const plainFloat = avsc.types.FloatType.prototype as unknown as Updating;
const plainDouble = avsc.types.DoubleType.prototype as unknown as Updating;

/** avsc's float, less a trap: a long beyond 2^53 that is read as one comes out with another sign or size. */
class NativeFloatType extends avsc.types.FloatType {
  _update(resolver: ResolverSlot, writer: avsc.Type): void {
    if (writer instanceof avsc.types.LongType) resolver._read = (tap) => Math.fround(readLongAsNumber(tap));
    else plainFloat._update.call(this, resolver, writer);
  }
}

/** avsc's double, less the same trap. */
class NativeDoubleType extends avsc.types.DoubleType {
  _update(resolver: ResolverSlot, writer: avsc.Type): void {
    if (writer instanceof avsc.types.LongType) resolver._read = readLongAsNumber;
    else plainDouble._update.call(this, resolver, writer);
  }
}

export const floatType: avsc.Type = new NativeFloatType();
export const doubleType: avsc.Type = new NativeDoubleType();
