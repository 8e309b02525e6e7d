/** What a header says that was cut. */
const CUT = Buffer.from('…');
/** Control characters, and the two separators that some readers take for the end of a line. */
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;
/** The same but for tab and line feed. */
const CONTROLS_IN_LINES = /(?![\t\n])[\p{Cc}\u2028\u2029]/gu;

/** A text of one line in at most `maxBytes` of UTF-8: runs of control characters become one space, and `…` stands for what is cut. */
export function lineHeader(text: string, maxBytes: number): Buffer {
  return cut(text.replace(CONTROLS, ' ').trim(), maxBytes);
}

/** A text of several lines in at most `maxBytes` of UTF-8: other control characters than tab and line feed become spaces. */
export function linesHeader(text: string, maxBytes: number): Buffer {
  return cut(text.replaceAll('\r\n', '\n').replace(CONTROLS_IN_LINES, ' '), maxBytes);
}

function cut(text: string, maxBytes: number): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return bytes;
  let end = maxBytes - CUT.length;
  // A byte 10xxxxxx goes on with a character that began before it.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return Buffer.concat([bytes.subarray(0, end), CUT]);
}
