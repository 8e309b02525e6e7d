import fc from 'fast-check';
import { decodeHeaderValue } from './event-headers';

/** As the CloudEvents HTTP binding says that a sender encodes. */
function encode(text: string): string {
  return Array.from(text)
    .map((character) => (/[!#$&-~]/.test(character) ? character : encodeURIComponent(character)))
    .join('');
}

describe('the value of an attribute in a header', () => {
  it('is the text that was encoded, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeHeaderValue(encode(text))).toBe(text);
      }),
    );
  });

  // The examples of CloudEvents 1.0.2, HTTP protocol binding, section 3.1.3.2, and quoted strings of RFC 7230.
  it.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['a%2520b', 'a%20b'],
    ['"quoted \\"text\\" here"', 'quoted "text" here'],
    ['plain text', 'plain text'],
  ])('is decoded once: %j', (header, text) => {
    expect(decodeHeaderValue(header)).toBe(text);
  });

  it.each(['100%', '%zz', '%ff', '%E2%82', 'Z\u00fcrich'])(
    'is refused when it is not encoded: %j',
    (header) => {
      expect(decodeHeaderValue(header)).toBeUndefined();
    },
  );
});
