import { textBetween } from '@millrace/event';

const MAX_NAMES = 1_000;
/** Values are kept by their lengths, one for each of so many. */
const KEPT = 16;
/** Longer ones hardly repeat. */
const MAX_KEPT_BYTES = 256;
const names = new Map<string, HeaderName>();
let lastTexts: readonly string[] = [];
let lastNames: readonly HeaderName[] = [];

interface KnownValue {
  readonly bytes: Buffer;
  readonly text: string;
}

/**
 * A header's name in UTF-8, with texts that its values had. Most headers of a stream say the same on record after record: to
 * compare their bytes with what is known takes a third of the time of making the same text again.
 */
export class HeaderName {
  private readonly bytes: Buffer;
  private readonly known: (KnownValue | undefined)[] = [];
  private lastText = '';

  private constructor(name: string) {
    this.bytes = Buffer.from(name);
    for (let slot = 0; slot < KEPT; slot++) this.known.push(undefined);
  }

  /** Readers ask for the same few names again and again: the same object for each. */
  static of(name: string): HeaderName {
    let found = names.get(name);
    if (found === undefined) {
      found = new HeaderName(name);
      if (names.size >= MAX_NAMES) names.clear();
      names.set(name, found);
    }
    return found;
  }

  /** The same for several: the same list for those that were asked for last. At most 31 of them. */
  static all(texts: readonly string[]): readonly HeaderName[] {
    if (texts !== lastTexts) {
      lastNames = texts.map((text) => HeaderName.of(text));
      lastTexts = texts;
    }
    return lastNames;
  }

  /** Whether this name stands there, in a record that has a name of so many bytes there. */
  isAt(bytes: Buffer, at: number, length: number): boolean {
    return length === this.bytes.length && isSame(bytes, at, this.bytes);
  }

  /** The text of the value there. */
  valueAt(bytes: Buffer, at: number, size: number): string {
    const known = this.known[size % KEPT];
    if (known?.bytes.length === size && isSame(bytes, at, known.bytes)) return known.text;
    const text = textBetween(bytes, at, at + size);
    // Kept when it comes the second time in a row: an id never does.
    if (text === this.lastText && size <= MAX_KEPT_BYTES)
      this.known[size % KEPT] = { bytes: Buffer.from(bytes.subarray(at, at + size)), text };
    this.lastText = text;
    return text;
  }
}

/** From the end: names and ids that differ begin alike. */
function isSame(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let index = wanted.length - 1; index >= 0; index--) {
    if (bytes[at + index] !== wanted[index]) return false;
  }
  return true;
}
