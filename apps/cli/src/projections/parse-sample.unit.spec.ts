import { parseSample } from './parse-sample';

describe('the sample of a verification', () => {
  it.each([
    ['1%', { share: 0.01 }],
    ['0.5%', { share: 0.005 }],
    ['100%', { share: 1 }],
    ['200', { keys: 200 }],
  ])('may be %s', (text, expected) => expect(parseSample(text)).toEqual(expected));

  it.each(['0%', '101%', '0', '1.5', '-1', '', '%', '1 %', 'some', '1e3'])('may not be %j', (text) => {
    expect(() => parseSample(text)).toThrow('such as 1%, or a number of keys such as 200');
  });
});
