import fc from 'fast-check';
import { textBetween } from './text-between';

it('gives the text that UTF-8 has for these bytes, whatever they are and wherever they lie', () => {
  const part = fc.oneof(
    fc.string({ maxLength: 30 }).map((text) => Buffer.from(text)),
    fc.string({ unit: 'binary', maxLength: 16 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(part, part, part, (before, wanted, behind) => {
      const bytes = Buffer.concat([before, wanted, behind]);
      const text = textBetween(bytes, before.length, before.length + wanted.length);
      expect(text).toBe(wanted.toString('utf8'));
    }),
    { numRuns: 2_000 },
  );
});
