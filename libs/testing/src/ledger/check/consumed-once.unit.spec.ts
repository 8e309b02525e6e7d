import { cleanHistory } from '../test/clean-history';
import { consumedOnce } from './consumed-once';

const history = cleanHistory(7);
const { effects, positions } = history;
const last = effects.at(-1)!;
const rest = effects.slice(0, -1);

describe('what was consumed is done, parked or dead, each once', () => {
  it('holds for a clean history', () => {
    expect(consumedOnce(history)).toEqual({ invariant: 'consumed-once', missing: [], extra: [] });
  });

  it.each(['parked', 'dead'] as const)('takes a %s record for finished', (where) => {
    expect(consumedOnce({ ...history, effects: rest, [where]: [last] })).toMatchObject({
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
    ['done and parked', { parked: [last] }],
    ['done and dead', { dead: [last] }],
    ['parked and dead', { effects: rest, parked: [last], dead: [last] }],
    ['done twice', { effects: [...effects, { ...last, number: 999n }] }],
  ])('shows a record that is %s', (_what, change) => {
    expect(consumedOnce({ ...history, ...change })).toMatchObject({ missing: [], extra: [last.id] });
  });

  it('shows work on what the position has not passed', () => {
    const behind = positions.map((position) =>
      position.partition === last.partition ? { ...position, nextOffset: last.offset } : position,
    );
    expect(consumedOnce({ ...history, positions: behind }).extra).toContain(last.id);
  });
});
