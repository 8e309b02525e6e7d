import { murmur2 } from './murmur2';

/**
 * The partition of a key: the one that Kafka's Java client would choose, so that producers in other languages
 * keep an aggregate's events together with ours. Pure; the same answer for ever, as long as the count stands. The key may
 * be a part of the bytes.
 */
export function partitionFor(key: Uint8Array, partitionCount: number, from = 0, to = key.length): number {
  return (murmur2(key, from, to) & 0x7fffffff) % partitionCount;
}
