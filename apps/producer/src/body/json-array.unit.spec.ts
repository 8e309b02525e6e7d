import fc from 'fast-check';
import { splitJsonArray } from './json-array';

const split = (text: string, max = 100): string[] =>
  splitJsonArray(Buffer.from(text), max).map((element) => element.toString().trim());

describe('the elements of a JSON array', () => {
  it('are the texts of its values, whatever they hold and however they are laid out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 8 }),
        fc.constantFrom(undefined, 1, '\t'),
        (values, space) => {
          const elements = split(JSON.stringify(values, undefined, space));
          expect(elements.map((element) => JSON.parse(element) as unknown)).toEqual(
            JSON.parse(JSON.stringify(values)),
          );
        },
      ),
    );
  });

  it('are none in an empty array', () => {
    expect(split(' [ ] \n')).toEqual([]);
  });

  it('keep what is between two commas to itself, for its own parser to refuse', () => {
    expect(split('[{"a":1},,tru]')).toEqual(['{"a":1}', '', 'tru']);
    expect(split('[1,]')).toEqual(['1', '']);
  });

  it.each(['', '{}', '[', '[1', '[1]]', '[1] 2', '["a]', '["\\"]', '[{]', '[1}'])(
    'are not found in %j',
    (text) => {
      expect(() => split(text)).toThrow(/batch/);
    },
  );

  it('are no more than allowed', () => {
    expect(split('[1,2]', 2)).toEqual(['1', '2']);
    expect(() => split('[1,2,3]', 2)).toThrow(/more than 2 events/);
  });
});
