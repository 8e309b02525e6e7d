import type { LedgerRecord } from '../evidence';
import { cleanHistory } from '../test/clean-history';
import { onlySentInLog } from './only-sent-in-log';

const history = cleanHistory(7);
const last = history.log.at(-1)!;
const withRecord = (change: Partial<LedgerRecord>) => ({
  ...history,
  log: [...history.log, { ...last, offset: last.offset + 1n, ...change }],
});

describe('nothing that was refused or never sent is in the log', () => {
  it('holds for a clean history, and for a record that the producer has written twice', () => {
    expect(onlySentInLog(history)).toEqual({ invariant: 'only-sent-in-log', missing: [], extra: [] });
    expect(onlySentInLog(withRecord({})).extra).toEqual([]);
  });

  it.each([
    ['of no attempt', { id: 'foreign', attempt: null }],
    ['of an attempt that was never made', { id: 'foreign', attempt: 9_999 }],
    ['with another id than its attempt', { id: 'foreign' }],
  ])('shows a record %s', (_what, change) => {
    const { extra, first } = onlySentInLog(withRecord(change));
    expect(extra).toEqual(['foreign']);
    expect(first!.join('\n')).toContain('record   foreign');
  });

  it('shows a record that is no event by its position', () => {
    const none = { id: null, source: null, key: null, seq: null, destination: null, attempt: null };
    expect(onlySentInLog(withRecord(none)).extra).toEqual([`flights/2/${last.offset + 1n}`]);
  });

  it.each([
    ['key', { key: 'else' }],
    ['number', { seq: 99 }],
  ])('shows a record with another %s than was sent', (_what, change) => {
    expect(onlySentInLog(withRecord(change)).extra).toEqual([last.id]);
  });

  it('shows a record of a refused attempt, also when the event was acknowledged later', () => {
    const refused = history.attempts.find(
      ({ kind, outcome }) => kind !== 'invalid' && outcome.outcome === 'refused',
    )!;
    const { n, id, key, seq } = refused;
    const after = history.attempts.filter((each) => each.id === id && each.n > n);
    expect(after.map(({ outcome }) => outcome.outcome)).toContain('acknowledged');
    expect(onlySentInLog(withRecord({ attempt: n, id, key, seq })).extra).toEqual([id]);
  });

  it('shows a record of an invalid event whose outcome is unknown', () => {
    const { n, id, key } = history.attempts.find(({ kind }) => kind === 'invalid')!;
    const attempts = history.attempts.map((each) =>
      each.n === n ? { ...each, outcome: { outcome: 'unknown', reason: 'no answer' } as const } : each,
    );
    const { log } = withRecord({ attempt: n, id, key, seq: 0 });
    expect(onlySentInLog({ attempts, log }).extra).toEqual([id]);
  });
});
