import { hash } from 'node:crypto';

/**
 * A share of a projection's keys, chosen by their hash: the same keys wherever it is asked, others with another seed.
 * As plain JSON.
 */
export interface KeySample {
  readonly seed: string;
  /** Above 0, and 1 at most. */
  readonly share: number;
}

const HASHES = 2 ** 32;

/**
 * A key belongs to a sample when the first four bytes of the SHA-256 of seed and key, as a number, are below this.
 * At least one of the 2^32 does.
 */
export function thresholdOf({ share }: KeySample): number {
  return Math.min(HASHES, Math.max(1, Math.round(share * HASHES)));
}

/** Whether a key belongs to a sample. Costs about half a microsecond. */
export function isInSample(sample: KeySample, key: string): boolean {
  const threshold = thresholdOf(sample);
  if (threshold === HASHES) return true;
  // A text of one character a byte: for a Buffer it would take six times as long.
  const bytes = hash('sha256', sample.seed + key, 'binary');
  const head = bytes.charCodeAt(0) * 2 ** 24 + bytes.charCodeAt(1) * 2 ** 16 + bytes.charCodeAt(2) * 2 ** 8;
  return head + bytes.charCodeAt(3) < threshold;
}
