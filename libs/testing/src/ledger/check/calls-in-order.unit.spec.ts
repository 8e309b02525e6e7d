import * as fc from 'fast-check';
import type { Call } from '../evidence';
import { cleanHistories, cleanHistory } from '../test/clean-history';
import { callsInOrder } from './calls-in-order';

const history = cleanHistory(7);
const nothing = { ...history, calls: [] };

/** Calls for one key in the order in which they arrived: event, epoch. */
function arrived(...calls: readonly (readonly [event: number, epoch: number])[]): Call[] {
  return calls.map(([event, epoch], index) => ({
    ...{ number: BigInt(index + 1), id: `e-${event}`, key: 'k', seq: event, attempt: 1, atMs: index },
    ...{ topic: 'flights', partition: 0, offset: BigInt(event), idempotencyKey: `key of ${event}` },
    fencingToken: [epoch, event].map((part) => part.toString(16).padStart(16, '0')).join(''),
  }));
}

const found = (calls: readonly Call[]) => {
  const { missing, extra } = callsInOrder({ ...nothing, calls });
  return { missing, extra };
};

describe('calls of a key have the order of the log', () => {
  it('holds for clean histories', () => {
    fc.assert(
      fc.property(cleanHistories, (evidence) => {
        expect(callsInOrder(evidence)).toEqual({ invariant: 'calls-in-order', missing: [], extra: [] });
      }),
    );
  });

  it.each([
    ['repeats', arrived([1, 1], [1, 1], [2, 1], [2, 1])],
    ['a repeat that comes late', arrived([1, 1], [2, 1], [1, 1])],
    ['a new owner who does again what was not committed', arrived([1, 1], [2, 1], [1, 2], [2, 2], [3, 2])],
    ['a former owner who wakes up and is ahead of the new one', arrived([1, 2], [1, 1], [2, 1], [2, 2])],
  ])('allows %s', (_what, calls) => {
    expect(found(calls)).toEqual({ missing: [], extra: [] });
  });

  it('shows an event that was called for behind a later one', () => {
    const { missing, extra, first } = callsInOrder({ ...nothing, calls: arrived([1, 1], [3, 1], [2, 1]) });
    expect({ missing, extra }).toEqual({ missing: ['e-2'], extra: ['e-2'] });
    expect(first).toContainEqual(
      expect.stringContaining('call     3 e-2 seq 2 try 1 token 1.2 of flights/0/2'),
    );
  });

  it('shows an event that only a former owner has called for, under a token that would be refused', () => {
    expect(found(arrived([1, 2], [2, 1], [3, 2]))).toEqual({ missing: ['e-2'], extra: [] });
  });

  it('shows an event that is out of order once the calls of a former owner are refused', () => {
    expect(found(arrived([1, 2], [2, 1], [3, 2], [2, 3]))).toEqual({
      missing: [],
      extra: ['e-2 for who refuses lower tokens'],
    });
  });

  it('shows tokens that say nothing', () => {
    const calls = arrived([1, 1], [2, 1]).map((call) => ({ ...call, fencingToken: 'same' }));
    expect(found(calls).extra).toEqual(['e-2 under a token that is not above the one before']);
  });

  it('sees keys and partitions apart', () => {
    const [one, other] = arrived([2, 1], [1, 1]);
    expect(found([one!, { ...other!, key: 'another' }]).extra).toEqual([]);
    expect(found([one!, { ...other!, partition: 1 }]).extra).toEqual([]);
  });
});
