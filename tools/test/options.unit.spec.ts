import { parseOptions } from './options';

describe('the arguments of npm test', () => {
  it('run everything when there are none', () => {
    expect(parseOptions([])).toEqual({
      help: false,
      parts: ['unit', 'int', 'e2e', 'checks', 'faults'],
      jestArguments: [],
    });
  });

  it('narrow the run to the parts named by --only, in the order of the run', () => {
    expect(parseOptions(['--only', 'checks', '--only=unit']).parts).toEqual(['unit', 'checks']);
  });

  it('go to Jest when they are not ours, and then leave the checks out', () => {
    expect(parseOptions(['libs/event', '-t', 'watermark'])).toEqual({
      help: false,
      parts: ['unit', 'int', 'e2e'],
      jestArguments: ['libs/event', '-t', 'watermark'],
    });
  });

  it('are refused with the accepted values when --only names no part', () => {
    expect(() => parseOptions(['--only', 'fast'])).toThrow(
      '--only: expected one of unit, int, e2e, checks, faults, got fast',
    );
    expect(() => parseOptions(['--only'])).toThrow('got nothing');
  });
});
