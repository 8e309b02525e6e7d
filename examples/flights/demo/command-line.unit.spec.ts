import { directoryFor, parseCommandLine } from './command-line';

describe('the command line of npm start', () => {
  it('feeds 20,000 flights and stays up unless told otherwise', () => {
    expect(parseCommandLine([])).toEqual({ flights: 20_000, exit: false, fresh: false, help: false });
    expect(parseCommandLine(['--exit', '--fresh', '--flights', '3000000'])).toEqual({
      flights: 3_000_000,
      exit: true,
      fresh: true,
      help: false,
    });
  });

  it.each(['0', '3000001', '-1', '1.5', '1e3', 'many', ''])('refuses %j flights', (text) => {
    expect(() => parseCommandLine([`--flights=${text}`])).toThrow(
      '--flights takes a whole number from 1 to 3,000,000, got',
    );
  });

  it('refuses an option that it does not know, and one without its value', () => {
    expect(() => parseCommandLine(['--flight'])).toThrow('--flight');
    expect(() => parseCommandLine(['--flights'])).toThrow('--flights');
    expect(() => parseCommandLine(['more'])).toThrow('more');
  });

  it('keeps the data of each size apart', () => {
    expect([20_000, 19_999, 3_000_000].map(directoryFor)).toEqual([
      '.millrace/stack',
      '.millrace/stack-19999',
      '.millrace/stack-3000000',
    ]);
  });
});
