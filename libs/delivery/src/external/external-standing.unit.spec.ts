import { waitFor } from '@millrace/testing';
import { PermanentError } from '../errors';
import { ExternalTrial, keyed, unattended } from '../test/external-trial';
import { signal } from '../test/trial-partition';

describe('a partition whose handlers call the outside, and whose position stays where it is,', () => {
  it('says that it is held, and why, while a record that should be out of the way may not be', async () => {
    const trial = new ExternalTrial(1, 1);
    trial.failing.set(0, new PermanentError('no'));
    trial.failing.set(1, new PermanentError('no'));
    await trial.partition.open(unattended);
    await trial.partition.handle([keyed(0, 'a'), keyed(1, 'b'), keyed(2, 'c')], signal);
    await waitFor('the refusal', () => trial.partition.standing?.state === 'held');
    expect(trial.partition.standing?.reason).toBe(
      'group/trial at trial/0/0: 1 records are parked already, which is the bound',
    );
    trial.failing.clear();
    await trial.done(1, 2);
    expect(trial.partition.standing).toBeUndefined();
  });

  it('says what it waits for while its dependency is down, and nothing when nothing is under way', async () => {
    const trial = new ExternalTrial(3);
    await trial.partition.open(unattended);
    expect(trial.partition.standing).toBeUndefined();
    const records = [0, 1, 2].map((offset) => keyed(offset, `key-${offset}`));
    for (const { offset } of records) trial.failing.set(Number(offset), new Error('connection refused'));
    await trial.partition.handle(records, signal);
    await waitFor('the breaker', () => trial.breaker.state === 'open');
    expect(trial.partition.standing).toEqual({
      state: 'waiting',
      reason: 'group/trial at trial/0/0: outside does not answer: connection refused',
    });
    trial.failing.clear();
    await trial.done(0, 1, 2);
    await trial.partition.follow();
    expect(trial.partition.standing).toBeUndefined();
  });

  it('tells work from standstill: records that are done behind a slow one count, not those that only lack their commit', async () => {
    const trial = new ExternalTrial();
    trial.keepOpen(0);
    await trial.partition.open(unattended);
    await trial.partition.handle([keyed(0, 'a')], signal);
    const before = trial.partition.progress;
    expect(trial.partition.standing).toBeUndefined();
    expect(trial.partition.progress).toBe(before);
    await trial.partition.handle([keyed(1, 'b')], signal);
    await trial.done(1);
    expect(trial.partition.progress).not.toBe(before);
    trial.ledger.commitFailures.push('other', 'other');
    trial.finish(0);
    await trial.done(0);
    await trial.partition.follow();
    const uncommitted = trial.partition.progress;
    await trial.partition.handle([keyed(2, 'c')], signal);
    await trial.done(2);
    await trial.partition.follow();
    expect(trial.partition.progress).toBe(uncommitted);
    await trial.partition.follow();
    expect(trial.position).toBe(3);
    expect(trial.partition.progress).not.toBe(uncommitted);
  });

  it('is held as well while a record waits for room in the full queue of its key', async () => {
    const trial = new ExternalTrial(1, 1);
    trial.failing.set(0, new Error('no'));
    await trial.partition.open(unattended);
    await trial.partition.handle([keyed(0, 'a'), keyed(1, 'a')], signal);
    await waitFor('it to be held', () => trial.partition.standing?.state === 'held');
    await trial.partition.follow();
    trial.failing.clear();
    await trial.partition.queues.drainDue(signal);
    await trial.done(0, 1);
    expect(trial.partition.standing).toBeUndefined();
  });
});
