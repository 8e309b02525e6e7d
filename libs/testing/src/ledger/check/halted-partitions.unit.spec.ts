import type { Evidence, LagSample } from '../evidence';
import { LEDGER_READER } from '../evidence';
import { isClean } from '../findings';
import { cleanHistory, haltedAt } from '../test/clean-history';
import { checkLedger } from './check-ledger';
import { settledAgain } from './settled-again';

const history = cleanHistory(7);
/** In the middle of what the group did in its partition. */
const { partition, offset } = history.effects.at(-6)!;
const halted = haltedAt(history, partition, offset);
const unread = history.effects.filter((effect) => effect.partition === partition && effect.offset >= offset);

const broken = (evidence: Evidence) =>
  checkLedger(evidence)
    .filter((findings) => !isClean([findings]))
    .map(({ invariant }) => invariant);

describe('readers that have halted because partitions were added', () => {
  it('may leave the records from there on unread', () => {
    expect(unread.length).toBeGreaterThan(1);
    expect(broken(halted)).toEqual([]);
  });

  it('may not when they say nothing, or halt for anything else', () => {
    expect(broken({ ...halted, halted: [] })).toEqual(['one-effect', 'called-for', 'equal-folds']);
    const others = halted.halted.map((each) => ({ ...each, reason: 'is beyond the end of the log' }));
    expect(broken({ ...halted, halted: others })).toEqual(['one-effect', 'called-for', 'equal-folds']);
  });

  it('are excused one by one, and only where they halted', () => {
    const group = halted.halted.filter(({ reader }) => reader === LEDGER_READER);
    expect(broken({ ...halted, halted: group })).toEqual(['called-for', 'equal-folds']);
    const models = halted.halted.filter(({ reader }) => reader !== LEDGER_READER);
    expect(broken({ ...halted, halted: models })).toEqual(['one-effect']);
    const elsewhere = halted.halted.map((each) => ({ ...each, partition: (partition + 1) % 3 }));
    expect(broken({ ...halted, halted: elsewhere })).toEqual(['one-effect', 'called-for', 'equal-folds']);
  });

  it('have done everything before, each once', () => {
    const before = halted.effects.find((effect) => effect.partition === partition)!;
    const without = halted.effects.filter((effect) => effect !== before);
    expect(broken({ ...halted, effects: without })).toEqual([
      'one-effect',
      'consumed-once',
      'positions-pass-nothing',
    ]);
    const ahead = [...halted.effects, unread.at(-1)!];
    expect(broken({ ...halted, effects: ahead })).toEqual([
      'one-effect',
      'consumed-once',
      'positions-pass-nothing',
    ]);
    const [last, ...others] = halted.readModels;
    const { key, values } = last!.rows[0]!;
    const rows = last!.rows.with(0, { key, values: { ...values, events: 99 } });
    expect(broken({ ...halted, readModels: [{ ...last!, rows }, ...others] })).toEqual(['equal-folds']);
  });

  it('have no position in a partition that was added, and all of it before them', () => {
    const added = { ...history.log[0]!, partition: 3, offset: 0n, id: 'r-added', attempt: null };
    const at = { topic: added.topic, partition: 3 };
    const log = [...halted.log, added];
    const everywhere = halted.halted.flatMap((each) => [each, { ...each, ...at }]);
    expect(broken({ ...halted, log, halted: everywhere })).toEqual(['only-sent-in-log']);
    expect(broken({ ...halted, log })).toEqual([
      'only-sent-in-log',
      'one-effect',
      'called-for',
      'equal-folds',
    ]);
  });

  it('need not catch up there, and everywhere else', () => {
    const behind = (of: number): LagSample => {
      return { at: 5, reader: LEDGER_READER, topic: 'flights', partition: of, lag: 3n };
    };
    const memory = [{ at: 0, process: 'consumer', bytes: 1 }];
    const missing = (...lags: LagSample[]) =>
      settledAgain({ lastFaultAt: 0, lags, memory }, halted.halted).missing;
    expect(missing(behind(partition))).toEqual([]);
    expect(missing(behind((partition + 1) % 3))).toHaveLength(1);
  });
});
