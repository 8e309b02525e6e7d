import { groupOf, readerOf } from './build';

describe('a build', () => {
  const first = { projection: 'flight', version: 3, build: 1 };

  it('has positions and a group of its own', () => {
    const second = { ...first, build: 2 };
    expect([readerOf(second), groupOf(second)]).toEqual(['projection/flight@3.2', 'flight-v3-b2']);
  });

  it('that is the first keeps the names of the time before builds had numbers', () => {
    expect([readerOf(first), groupOf(first)]).toEqual(['projection/flight@3', 'flight-v3']);
  });
});
