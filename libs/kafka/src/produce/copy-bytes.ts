/** Up to here a loop is faster than the call into the engine, which costs about as much as this many bytes. */
const LOOPED_BYTES = 32;

/** Copies all of `source` to `at`, and gives the place after it. There must be room. */
export function copyBytes(source: Uint8Array, target: Uint8Array, at: number): number {
  const { length } = source;
  if (length > LOOPED_BYTES) target.set(source, at);
  else for (let index = 0; index < length; index++) target[at + index] = source[index] ?? 0;
  return at + length;
}
