import { cleanHistory } from '../test/clean-history';
import { calledFor } from './called-for';

const history = cleanHistory(7);
const { calls } = history;
const last = calls.at(-1)!;

describe('every event is called for under an idempotency key of its own', () => {
  it('holds for a clean history, in which some calls are made again', () => {
    expect(new Set(calls.map(({ id }) => id)).size).toBeLessThan(calls.length);
    expect(calledFor(history)).toEqual({ invariant: 'called-for', missing: [], extra: [] });
  });

  it('shows an event that nobody has called for', () => {
    const { missing, extra, first } = calledFor({
      ...history,
      calls: calls.filter(({ id }) => id !== last.id),
    });
    expect({ missing, extra }).toEqual({ missing: [last.id], extra: [] });
    expect(first![0]).toBe(`key ${last.key}`);
  });

  it('shows a call that says something else than its record', () => {
    const others = calls.filter(({ id }) => id !== last.id);
    expect(calledFor({ ...history, calls: [...others, { ...last, seq: 99 }] })).toMatchObject({
      missing: [last.id],
      extra: [last.id],
    });
    expect(calledFor({ ...history, calls: [...calls, { ...last, offset: 9_000n }] })).toMatchObject({
      missing: [],
      extra: [last.id],
    });
  });

  it('shows an event whose repeat has another idempotency key, and two events that share one', () => {
    const again = { ...last, number: 999n, idempotencyKey: 'another' };
    expect(calledFor({ ...history, calls: [...calls, again] })).toMatchObject({
      missing: [],
      extra: [`${last.id} under several idempotency keys`],
    });
    const other = calls.find(({ id }) => id !== last.id)!;
    const shared = calls.map((call) =>
      call.id === last.id ? { ...call, idempotencyKey: other.idempotencyKey } : call,
    );
    expect(calledFor({ ...history, calls: shared }).extra).toEqual([
      `${other.id} and ${last.id} under one idempotency key`,
    ]);
  });
});
