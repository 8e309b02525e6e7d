import type { Evidence } from '../evidence';
import { LEDGER_READER, OUTSIDE_READER } from '../evidence';
import { cleanHistory } from '../test/clean-history';
import { positionsPassNothing } from './positions-pass-nothing';

const history = cleanHistory(7);
const { effects, positions } = history;
const last = effects.findLast(({ partition }) => partition === 1)!;

function movedTo(nextOffset: bigint): Evidence['positions'] {
  const isMoved = (of: (typeof positions)[number]) => of.partition === 1 && of.reader === LEDGER_READER;
  return positions.map((position) => (isMoved(position) ? { ...position, nextOffset } : position));
}

describe('no position passes unfinished work', () => {
  it('holds for a clean history', () => {
    expect(positionsPassNothing(history)).toEqual({
      invariant: 'positions-pass-nothing',
      missing: [],
      extra: [],
    });
  });

  it('shows a record that was passed unfinished', () => {
    const unfinished = effects.filter((effect) => effect !== last);
    const { missing, extra, first } = positionsPassNothing({ ...history, effects: unfinished });
    expect({ missing, extra }).toEqual({ missing: [last.id], extra: [] });
    expect(first![0]).toBe(`group/ledger stands at flights/1/${positions[1]!.nextOffset}`);
  });

  it('takes parked and dead records for finished', () => {
    const unfinished = effects.filter((effect) => effect !== last);
    for (const where of ['parked', 'dead']) {
      const evidence = {
        ...history,
        effects: unfinished,
        [where]: [{ ...last, reader: LEDGER_READER, failure: null }],
      };
      expect(positionsPassNothing(evidence).missing).toEqual([]);
    }
  });

  it('shows a record that is finished though it was not passed', () => {
    expect(positionsPassNothing({ ...history, positions: movedTo(last.offset) })).toMatchObject({
      missing: [],
      extra: [last.id],
    });
  });

  it('shows all finished work of a partition without a position', () => {
    const none = positions.filter(({ partition, reader }) => partition !== 1 || reader !== LEDGER_READER);
    const done = effects.filter(({ partition }) => partition === 1).map(({ id }) => id);
    expect(positionsPassNothing({ ...history, positions: none }).extra).toEqual(done);
  });

  it('shows a record that was passed though nobody called for it, and takes calls beyond the position as they come', () => {
    const calls = history.calls.filter(({ id }) => id !== last.id);
    const { missing, extra, first } = positionsPassNothing({ ...history, calls });
    expect({ missing, extra }).toEqual({ missing: [`group/outside: ${last.id}`], extra: [] });
    expect(first![0]).toBe(`group/outside stands at flights/1/${positions[1]!.nextOffset}`);
    const aside = { ...last, reader: OUTSIDE_READER, failure: null };
    expect(positionsPassNothing({ ...history, calls, parked: [aside] }).missing).toEqual([]);
    const without = positions.filter(({ reader }) => reader !== OUTSIDE_READER);
    expect(positionsPassNothing({ ...history, positions: without })).toMatchObject({
      missing: [],
      extra: [],
    });
  });

  it('shows a position beyond the end of the log, of any reader', () => {
    const beyond = { ...positions[1]!, reader: 'projection/ledgerSum@1', nextOffset: 5_000n };
    expect(positionsPassNothing({ ...history, positions: [...positions, beyond] })).toMatchObject({
      missing: [],
      extra: ['projection/ledgerSum@1 at flights/1/5000'],
    });
  });
});
