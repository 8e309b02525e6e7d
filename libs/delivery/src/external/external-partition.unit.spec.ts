import { setImmediate as turn } from 'node:timers/promises';
import { waitFor } from '@millrace/testing';
import { ExternalTrial, keyed, unattended } from '../test/external-trial';

const { signal } = new AbortController();

describe('a partition whose handlers call the outside', () => {
  it('calls for different keys at once, for one key in order, and its position follows the first that is not done', async () => {
    const trial = new ExternalTrial();
    trial.keepOpen(0);
    await trial.partition.open(unattended);
    await trial.partition.handle([keyed(0, 'a'), keyed(1, 'b'), keyed(2, 'a'), keyed(3, 'c')], signal);
    await trial.done(1, 3);
    await trial.partition.follow();
    expect(trial.position).toBe(0);
    expect(trial.called).toEqual([1, 3]);
    trial.finish(0);
    await trial.done(0, 2);
    await trial.partition.follow();
    expect(trial.called).toEqual([1, 3, 0, 2]);
    expect(trial.position).toBe(4);
  });

  // 0 is parked and drained, and its fence taken away, while 2 still waits to be written behind it: 1 keeps the position back.
  it('a record that was told to wait is not overtaken when its fence is taken away before it is stored', async () => {
    const trial = new ExternalTrial();
    trial.failing.set(0, new Error('no'));
    await trial.partition.open(unattended);
    await trial.partition.handle([keyed(0, 'a')], signal);
    await waitFor('it to be parked', async () => {
      await trial.partition.follow();
      return trial.lot.rows.length === 1;
    });
    trial.keepOpen(1);
    await trial.partition.handle([keyed(1, 'b'), keyed(2, 'a')], signal);
    trial.failing.clear();
    await trial.partition.queues.drainDue(signal);
    expect(trial.called).toEqual([0]);
    expect(trial.lot.fences.size).toBe(0);
    await trial.partition.handle([keyed(3, 'a')], signal);
    await turn();
    expect(trial.called).toEqual([0]);
    trial.finish(1);
    await trial.done(1);
    await waitFor('the position', async () => {
      await trial.partition.follow();
      return trial.position === 4;
    });
    await trial.partition.queues.drainDue(signal);
    expect(trial.called).toEqual([0, 1, 2, 3]);
    expect(trial.lot.rows).toEqual([]);
  });

  it('waits, parks nothing and spends no attempt while its dependency is down, and goes on when it is back', async () => {
    const trial = new ExternalTrial(3);
    const records = Array.from({ length: 20 }, (_, offset) => keyed(offset, `key-${offset}`));
    for (const { offset } of records) trial.failing.set(Number(offset), new Error('connection refused'));
    const states = new Set<string>();
    await trial.partition.open(unattended);
    await trial.partition.handle(records, signal);
    await waitFor('the breaker to have probed', () => {
      states.add(trial.breaker.state);
      return trial.breaker.state === 'open' && trial.contexts.length > 12;
    });
    await trial.partition.follow();
    expect(trial.lot.rows).toEqual([]);
    trial.failing.clear();
    await trial.done(...records.map(({ offset }) => Number(offset)));
    await trial.partition.follow();
    expect(trial.position).toBe(20);
    expect(trial.lot.rows).toEqual([]);
    expect(trial.breaker.state).toBe('closed');
    expect(Math.max(...trial.contexts.map(({ attempt }) => attempt))).toBeLessThan(3);
  });

  it('tells its observer of each try that will be made again, in its lane and from its queue', async () => {
    const trial = new ExternalTrial(3);
    trial.failing.set(0, new Error('no'));
    await trial.partition.open(unattended);
    await trial.partition.handle([keyed(0, 'a')], signal);
    await waitFor('it to be parked', async () => {
      await trial.partition.follow();
      return trial.lot.rows.length === 1;
    });
    expect(trial.retries).toBe(2);
    // Five more tries, and after the last it is a dead letter.
    await trial.partition.queues.drainDue(signal);
    expect(trial.contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(trial.retries).toBe(6);
  });

  it('gives a call that takes too long up, and tries the record again', async () => {
    const trial = new ExternalTrial(2);
    trial.keepOpen(0);
    await trial.partition.open(unattended);
    await trial.partition.handle([keyed(0, 'a')], signal);
    await waitFor('the second try', () => trial.contexts.length === 2);
    expect(trial.contexts[0]?.signal.aborted).toBe(true);
    expect(String(trial.contexts[0]?.signal.reason)).toContain('did not end within 300 ms');
    trial.finish(0);
    await trial.done(0);
  });

  it('lets calls that are under way end when it is closed, commits them, and begins no other', async () => {
    const trial = new ExternalTrial();
    trial.keepOpen(0);
    await trial.partition.open(unattended);
    await trial.partition.handle([keyed(0, 'a'), keyed(1, 'a'), keyed(2, 'a')], signal);
    const closed = trial.partition.close(5_000, new Error('taken away'));
    trial.finish(0);
    await closed;
    expect(trial.called).toEqual([0]);
    expect(trial.position).toBe(1);
  });

  it('aborts calls that do not end in time when it is closed, and leaves them to the next owner', async () => {
    const trial = new ExternalTrial();
    trial.keepOpen(0);
    await trial.partition.open(unattended);
    await trial.partition.handle([keyed(0, 'a')], signal);
    await trial.partition.close(1, new Error('taken away'));
    expect(trial.contexts[0]?.signal.reason).toEqual(new Error('taken away'));
    expect(trial.position).toBe(0);
  });

  it('is fenced once a rival has taken the partition: it begins no more calls', async () => {
    const trial = new ExternalTrial();
    await trial.partition.open(unattended);
    trial.ledger.row = { ...trial.ledger.row!, epoch: 9n };
    await trial.partition.handle([keyed(0, 'a')], signal);
    await trial.done(0);
    await trial.partition.follow();
    expect(await trial.partition.handle([keyed(1, 'a')], signal)).toMatchObject({ kind: 'fenced' });
    expect(trial.called).toEqual([0]);
  });
});
