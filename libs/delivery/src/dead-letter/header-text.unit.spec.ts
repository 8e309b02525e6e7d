import fc from 'fast-check';
import { lineHeader, linesHeader } from './header-text';

describe('the text of a header', () => {
  it('is kept as it is when it fits', () => {
    expect(lineHeader('Grüße, 航空', 64).toString()).toBe('Grüße, 航空');
    expect(linesHeader('Error: no\n\tat f', 64).toString()).toBe('Error: no\n\tat f');
  });

  it('is cut between characters, never inside one, and says so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 3, max: 40 }), (text, maxBytes) => {
        const bytes = linesHeader(text, maxBytes);
        expect(bytes.length).toBeLessThanOrEqual(maxBytes);
        const kept = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
        const whole = linesHeader(text, 10_000).toString();
        if (kept !== whole) {
          expect(kept.endsWith('…')).toBe(true);
          expect(whole.startsWith(kept.slice(0, -1))).toBe(true);
          // Not cut shorter than a character of four bytes makes it necessary.
          expect(bytes.length).toBeGreaterThan(maxBytes - 4);
        }
      }),
    );
  });

  it('is well-formed UTF-8 whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 3, max: 40 }), (text, maxBytes) => {
        for (const bytes of [lineHeader(text, maxBytes), linesHeader(text, maxBytes)]) {
          expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).not.toThrow();
        }
      }),
    );
    expect(lineHeader('half \ud83d', 64).toString()).toBe('half \ufffd');
  });

  it('has no control characters, so that a terminal shows it and does not obey it', () => {
    expect(lineHeader('\u001b[2Jgone\r\n\u0000next\u2028line\u0085\n', 64).toString()).toBe(
      '[2Jgone next line',
    );
    expect(linesHeader('\u001b[2Jgone\r\n\tat f\u0000\u2028()\n', 64).toString()).toBe(
      ' [2Jgone\n\tat f  ()\n',
    );
  });
});
