import { cleanHistory } from '../test/clean-history';
import { equalFolds } from './equal-folds';

const history = cleanHistory(7);
const [last, sum] = history.readModels;
const { key, values } = last!.rows[0]!;
const clean = { invariant: 'equal-folds', missing: [], extra: [] };

describe('every build of the read models equals a fold of the log', () => {
  it('holds for a clean history, and for a rebuild that has the same rows in another order', () => {
    expect(equalFolds(history)).toEqual(clean);
    const rebuilt = { ...last!, build: 'ledgerLast@1.2 live', rows: last!.rows.toReversed() };
    expect(equalFolds({ ...history, readModels: [last!, rebuilt, sum!] })).toEqual(clean);
  });

  it('shows a row that differs, in the one build that has it', () => {
    const rows = last!.rows.with(0, { key, values: { ...values, events: 99 } });
    const rebuilt = { ...last!, build: 'ledgerLast@1.2 live', rows };
    const { missing, extra, first } = equalFolds({ ...history, readModels: [last!, rebuilt, sum!] });
    expect(missing).toEqual([`ledgerLast@1.2 live: ${key} events=${values['events']} seq=${values['seq']}`]);
    expect(extra).toEqual([`ledgerLast@1.2 live: ${key} events=99 seq=${values['seq']}`]);
    expect(first![0]).toBe(`key ${key}`);
  });

  it('shows a row that is short or too many', () => {
    const short = { ...sum!, rows: sum!.rows.slice(1) };
    expect(equalFolds({ ...history, readModels: [last!, short] }).missing).toHaveLength(1);
    const foreign = { ...sum!, rows: [...sum!.rows, { key: 'XXX', values: { events: 1 } }] };
    expect(equalFolds({ ...history, readModels: [last!, foreign] }).extra).toEqual([
      'ledgerSum@1 live: XXX events=1',
    ]);
  });

  it('shows a read model that was never built', () => {
    const { missing } = equalFolds({ ...history, readModels: [last!] });
    expect(missing).toHaveLength(sum!.rows.length);
    expect(missing[0]).toMatch(/^ledgerSum without a build: /);
  });

  it('counts what comes again, but not within the distance of repeats', () => {
    const [record] = history.log;
    const within = { ...record!, offset: record!.offset + 20_000n };
    const beyond = { ...record!, offset: within.offset + 20_001n };
    const repeatedLog = (...records: (typeof within)[]) => ({
      ...history,
      log: [...history.log, ...records],
    });
    expect(equalFolds(repeatedLog(within)).missing).toEqual([]);
    expect(equalFolds(repeatedLog(within, beyond)).missing).not.toEqual([]);
  });
});
