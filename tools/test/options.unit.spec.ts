import { parseOptions } from './options';

describe('the arguments of npm test', () => {
  it('run everything when there are none', () => {
    expect(parseOptions([])).toEqual({
      help: false,
      parts: ['unit', 'int', 'e2e', 'checks', 'faults'],
      jestArguments: [],
    });
  });

  it('add what is too slow for every change with --full', () => {
    expect(parseOptions(['--full']).parts).toEqual(['unit', 'int', 'e2e', 'full', 'checks', 'faults']);
    expect(parseOptions(['--only', 'full']).parts).toEqual(['full']);
  });

  it('narrow the run to the parts named by --only, in the order of the run', () => {
    expect(parseOptions(['--only', 'checks', '--only=unit']).parts).toEqual(['unit', 'checks']);
  });

  it('go to Jest when they are not ours, and then leave the checks out', () => {
    expect(parseOptions(['libs/event', '-t', 'watermark'])).toEqual({
      help: false,
      parts: ['unit', 'int', 'e2e', 'full'],
      jestArguments: ['libs/event', '-t', 'watermark'],
    });
  });

  it('are refused with the accepted values when --only names no part', () => {
    expect(() => parseOptions(['--only', 'fast'])).toThrow(
      '--only: expected one of unit, int, e2e, full, checks, faults, got fast',
    );
    expect(() => parseOptions(['--only'])).toThrow('got nothing');
  });
});
