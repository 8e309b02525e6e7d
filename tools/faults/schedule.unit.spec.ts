import { SeededChoices } from '@millrace/testing';
import { describeFault, faultKinds, hurtBy } from './fault';
import type { FaultKind } from './fault';
import { parseOptions } from './options';
import { planAdditions, planFaults, planLastFault } from './schedule';
import { serviceNames } from './services';

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

  it('draws every kind, given time, and each that hurts among others only', () => {
    const apart = ['partitions-added', 'move-offset'];
    const amongOthers = faultKinds.filter((kind) => !apart.includes(kind));
    expect(new Set(plan(1, 20).map(({ kind }) => kind))).toEqual(new Set(amongOthers));
    const targets = plan(1, 60).filter(({ kind }) => kind === 'kill');
    expect(new Set(targets.map(({ target }) => target))).toEqual(
      new Set([...serviceNames, 'kafka', 'registry', 'postgres']),
    );
  });

  it('adds partitions last, in some of the runs, and always when that alone is asked for', () => {
    const last = (seed: number, kinds: readonly FaultKind[] = faultKinds) =>
      planLastFault(new SeededChoices(seed), { minutes: 2, kinds });
    const runs = Array.from({ length: 200 }, (_, seed) => last(seed)).filter((fault) => fault !== undefined);
    expect(runs.length).toBeGreaterThan(25);
    expect(runs.length).toBeLessThan(100);
    expect(runs[0]).toMatchObject({ atMs: 120_000, kind: 'partitions-added', target: 'flights' });
    for (let seed = 0; seed < 20; seed++) {
      expect(last(seed, ['partitions-added'])).toBeDefined();
      expect(last(seed, ['kill', 'reset'])).toBeUndefined();
    }
  });

  it('draws what was added later apart, and leaves the others of a seed as they are', () => {
    expect(plan(11, 1).slice(0, 3).map(describeFault)).toEqual([
      '   1.5 s  reset postgres-proxy',
      '   3.7 s  poison-key outside for 1.4 s',
      '   5.7 s  silence postgres-proxy toClient for 2.9 s',
    ]);
    const additions = (options: Partial<Parameters<typeof planAdditions>[1]> = {}) =>
      planAdditions(new SeededChoices(1), { minutes: 60, kinds: faultKinds, ...options });
    const names = (faults: readonly { kind: string; target: string }[]) =>
      new Set(faults.map(({ kind, target }) => `${kind} ${target}`));
    const moves = ['move-offset ledger', 'move-offset outside'];
    expect(names(additions())).toEqual(new Set([...moves, 'crash-point queued-call-made']));
    expect(names(additions({ kinds: ['move-offset', 'kill'] }))).toEqual(new Set(moves));
    expect(names(additions({ crashPoints: ['epoch-taken'] }))).toEqual(new Set(moves));
    expect(additions({ kinds: ['kill'] })).toEqual([]);
    expect(additions({ minutes: 0.1 })).toEqual([]);
  });

  it('hurts both consumers when it moves the offsets of their group, which has to be empty then', () => {
    const fault = { atMs: 0, kind: 'move-offset', target: 'ledger', forMs: 0 } as const;
    expect(hurtBy(fault)).toEqual(['consumer', 'consumer-2']);
  });

  it('draws the crash points that were asked for only', () => {
    const crashPoints = ['epoch-taken', 'effects-written'] as const;
    const kinds = ['crash-point', 'kill'] as const;
    const faults = planFaults(new SeededChoices(1), { minutes: 5, kinds, crashPoints });
    const deaths = faults.filter(({ kind }) => kind === 'crash-point').map(({ target }) => target);
    expect(new Set(deaths)).toEqual(new Set(crashPoints));
  });

  it('lets processes die at the points around a reservation only where the topic has a window', () => {
    const points = (window: boolean) =>
      planFaults(new SeededChoices(1), { minutes: 60, kinds: ['crash-point'], window }).map(
        ({ target }) => target,
      );
    expect(points(true)).toEqual(expect.arrayContaining(['event-reserved', 'reservation-open']));
    expect(points(false)).not.toEqual(expect.arrayContaining(['event-reserved']));
    expect(points(false)).not.toEqual(expect.arrayContaining(['reservation-open']));
  });

  it('poisons both kinds of handler, and takes away only what is called outside', () => {
    const faults = plan(1, 60);
    const targets = (kind: FaultKind) =>
      new Set(faults.filter((fault) => fault.kind === kind).map(({ target }) => target));
    expect(targets('poison-key')).toEqual(new Set(['ledger', 'outside']));
    expect(targets('poison-event')).toEqual(new Set(['ledger', 'outside']));
    expect(targets('dependency-down')).toEqual(new Set(['outside']));
  });

  it('lets processes die at the points around parked records', () => {
    const points = plan(1, 60)
      .filter(({ kind }) => kind === 'crash-point')
      .map(({ target }) => target);
    for (const point of ['record-parked', 'queue-effects-written', 'queue-drained'])
      expect(points).toContain(point);
  });

  it('says which way is silent', () => {
    const silences = plan(1, 20).filter(({ kind }) => kind === 'silence');
    expect(new Set(silences.map(({ direction }) => direction))).toEqual(new Set(['toServer', 'toClient']));
    expect(describeFault(silences[0]!)).toMatch(/silence \S+-proxy to(Server|Client) for \d\.\d s$/);
  });

  it.each([
    ['record-acknowledged', 'producer-2'],
    ['event-reserved', 'producer-2'],
    ['reservation-open', 'producer-2'],
    ['build-made', 'replay'],
    ['view-replaced', 'replay'],
    ['effects-written', 'effects-written'],
  ])('lets the crash point %s hurt %s, beside which nothing else is done to it', (target, hurt) => {
    expect(hurtBy({ atMs: 0, kind: 'crash-point', target, forMs: 0 })).toEqual([hurt]);
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
