/** A shorter text is made quicker here than by the runtime, which is asked across a boundary. */
const SHORT = 12;
/** By length, for one text after the other: no array is made for each. */
const units = Array.from({ length: SHORT + 1 }, (_, length) => new Array<number>(length).fill(0));

const ASCII_END = 0x80;

/** The text of the bytes from `from` up to, and without, `to`, all of which are there, as UTF-8. */
export function textBetween(bytes: Buffer, from: number, to: number): string {
  const ofLength = units[to - from];
  if (ofLength === undefined) return bytes.toString('utf8', from, to);
  let all = 0;
  for (let index = 0; index < ofLength.length; index++) {
    const byte = bytes[from + index] ?? 0;
    ofLength[index] = byte;
    all |= byte;
  }
  return all < ASCII_END ? String.fromCharCode(...ofLength) : bytes.toString('utf8', from, to);
}
