import { LEDGER_READER, OUTSIDE_READER } from '../evidence';
import { cleanHistory } from '../test/clean-history';
import { consumedOnce } from './consumed-once';

const history = cleanHistory(7);
const { effects, positions } = history;
const last = effects.at(-1)!;
const rest = effects.slice(0, -1);
const aside = { ...last, reader: LEDGER_READER, failure: 'no' };

describe('what was consumed is done, parked or dead, each once', () => {
  it('holds for a clean history', () => {
    expect(consumedOnce(history)).toEqual({ invariant: 'consumed-once', missing: [], extra: [] });
  });

  it.each(['parked', 'dead'] as const)('takes a %s record for finished', (where) => {
    expect(consumedOnce({ ...history, effects: rest, [where]: [aside] })).toMatchObject({
      missing: [],
      extra: [],
    });
  });

  it('shows a record that is in none of them', () => {
    const { missing, extra, first } = consumedOnce({ ...history, effects: rest });
    expect({ missing, extra }).toEqual({ missing: [last.id], extra: [] });
    expect(first![0]).toBe(`key ${last.key}`);
  });

  it.each([
    ['done and parked', { parked: [aside] }],
    ['done and dead', { dead: [aside] }],
    ['parked and dead', { effects: rest, parked: [aside], dead: [aside] }],
    ['done twice', { effects: [...effects, { ...last, number: 999n }] }],
  ])('shows a record that is %s', (_what, change) => {
    expect(consumedOnce({ ...history, ...change })).toMatchObject({ missing: [], extra: [last.id] });
  });

  describe('by the group that calls the outside', () => {
    const uncalled = history.calls.filter(({ id }) => id !== last.id);
    const asideOutside = { ...aside, reader: OUTSIDE_READER };

    it('takes an event that was called for several times for done once, and one that is parked too for parked', () => {
      expect(history.calls.length).toBeGreaterThan(effects.length);
      expect(consumedOnce({ ...history, parked: [asideOutside] })).toMatchObject({ missing: [], extra: [] });
    });

    it('shows an event that is neither called for nor set aside', () => {
      const missing = [`group/outside: ${last.id}`];
      expect(consumedOnce({ ...history, calls: uncalled })).toMatchObject({ missing, extra: [] });
      expect(consumedOnce({ ...history, calls: uncalled, parked: [aside] }).missing).toEqual(missing);
      expect(consumedOnce({ ...history, calls: uncalled, dead: [asideOutside] }).missing).toEqual([]);
    });

    it('shows one that is parked and dead', () => {
      const twice = { parked: [asideOutside], dead: [asideOutside] };
      expect(consumedOnce({ ...history, ...twice }).extra).toEqual([`group/outside: ${last.id}`]);
    });
  });

  it('shows work on what the position has not passed', () => {
    const behind = positions.map((position) =>
      position.partition === last.partition ? { ...position, nextOffset: last.offset } : position,
    );
    expect(consumedOnce({ ...history, positions: behind }).extra).toContain(last.id);
  });
});
