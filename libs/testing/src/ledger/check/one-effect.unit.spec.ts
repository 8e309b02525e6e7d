import { cleanHistory } from '../test/clean-history';
import { oneEffect } from './one-effect';

const history = cleanHistory(7);
const { effects, log } = history;
const last = effects.at(-1)!;

describe('every event has exactly one effect', () => {
  it('holds for a clean history', () => {
    expect(oneEffect(history)).toEqual({ invariant: 'one-effect', missing: [], extra: [] });
  });

  it('shows an event without an effect', () => {
    const { missing, extra, first } = oneEffect({ ...history, effects: effects.slice(1) });
    expect({ missing, extra }).toEqual({ missing: [effects[0]!.id], extra: [] });
    expect(first![0]).toBe(`key ${effects[0]!.key}`);
  });

  it('shows an effect that was made twice, as often as it is too many', () => {
    const doubled = [...effects, { ...last, number: 998n }, { ...last, number: 999n }];
    expect(oneEffect({ ...history, effects: doubled })).toMatchObject({
      missing: [],
      extra: [last.id, last.id],
    });
  });

  it('shows an effect of a repeat', () => {
    const repeat = log.find(({ id, offset }) => effects.find((effect) => effect.id === id)!.offset < offset)!;
    const { topic, partition, offset } = repeat;
    const again = { ...last, number: 999n, id: repeat.id!, key: repeat.key!, seq: repeat.seq! };
    expect(
      oneEffect({ ...history, effects: [...effects, { ...again, topic, partition, offset }] }).extra,
    ).toEqual([repeat.id]);
  });

  it('shows an effect that says something else than its record, as missing and extra', () => {
    const changed = effects.with(-1, { ...last, seq: 99 });
    expect(oneEffect({ ...history, effects: changed })).toMatchObject({
      missing: [last.id],
      extra: [last.id],
    });
  });
});
