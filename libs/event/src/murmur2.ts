const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/**
 * The 32-bit murmur2 hash of Kafka's Java client, as a signed integer; of a part of the bytes when told which.
 * Every way into the log must use it, or one key would land in two partitions.
 * Source: `org.apache.kafka.common.utils.Utils.murmur2`.
 */
export function murmur2(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let hash = SEED ^ (to - from);
  let index = from;
  for (; index + 4 <= to; index += 4) {
    let block = readInt32LittleEndian(bytes, index);
    block = Math.imul(block, M);
    block ^= block >>> R;
    block = Math.imul(block, M);
    hash = Math.imul(hash, M) ^ block;
  }
  const rest = to - index;
  if (rest === 3) hash ^= (bytes[index + 2] ?? 0) << 16;
  if (rest >= 2) hash ^= (bytes[index + 1] ?? 0) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[index] ?? 0), M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

function readInt32LittleEndian(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}
