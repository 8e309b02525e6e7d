import { SeededChoices } from '@millrace/testing';
import { describeFault, faultKinds } from './fault';
import { parseOptions } from './options';
import { planFaults } from './schedule';

describe('the schedule of faults', () => {
  const plan = (seed: number, minutes = 3) =>
    planFaults(new SeededChoices(seed), { minutes, kinds: faultKinds });

  it('is the same for the same seed, and another for another', () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it('fills its time, in order, and draws only the kinds that were asked for', () => {
    const faults = planFaults(new SeededChoices(1), { minutes: 2, kinds: ['kill', 'reset'] });
    const times = faults.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((atMs) => atMs < 120_000)).toBe(true);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['kill', 'reset']));
    expect(faults.length).toBeGreaterThan(30);
  });

  it('draws every kind, given time', () => {
    expect(new Set(plan(1, 20).map(({ kind }) => kind))).toEqual(new Set(faultKinds));
  });

  it('can be read', () => {
    const fault = { atMs: 12_340, kind: 'kill', target: 'kafka', forMs: 1_200 } as const;
    expect(describeFault(fault)).toBe('  12.3 s  kill kafka for 1.2 s');
  });
});

describe('the options of a faults run', () => {
  it('take a seed, a length and kinds, and make a seed up where none is given', () => {
    expect(parseOptions(['--seed', '5', '--minutes', '0.5', '--only', 'kill,split'])).toMatchObject({
      seed: 5,
      minutes: 0.5,
      kinds: ['kill', 'split'],
    });
    expect(parseOptions([]).seed).toEqual(expect.any(Number));
    expect(parseOptions([]).kinds).toEqual(faultKinds);
  });

  it.each([
    [['--only', 'kill,flood'], 'flood is none of kill'],
    [['--minutes', 'long'], '--minutes: expected a number'],
    [['--rate', '0'], '--rate: expected a number from 1'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuse %j with what is accepted', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
