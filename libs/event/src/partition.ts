import { murmur2 } from './murmur2';

/**
 * The partition of a key: the one that Kafka's Java client would choose, so that producers in other languages
 * keep an aggregate's events together with ours. Pure; the same answer for ever, as long as the count stands.
 */
export function partitionFor(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}
