import { setImmediate as turn } from 'node:timers/promises';
import type { HandleOutcome } from '@millrace/delivery';
import { silentLogger, waitFor } from '@millrace/testing';
import { GroupReader } from '../group-reader';
import { scriptedKafka } from './scripted-consumer';
import { startReader, stopReaders, TrialHandler } from './trial-reader';

afterEach(stopReaders);

describe('a group reader', () => {
  it('copies positions with a mark, where nothing was done yet too, and tells their handlers', async () => {
    const handler = new TrialHandler();
    handler.opened = async () => ({ kind: 'open', fetchFrom: 5n, nextOffset: 7n });
    const { reader, consumer, join } = await startReader(handler);
    await join(0);
    // Records before the position, which come for their identities, do not set its copy back.
    await consumer.feed([5]);
    await reader.stop();
    expect(consumer.committed).toEqual([
      [{ topic: 'trial', partition: 0, offset: '7', metadata: 'millrace:7' }],
    ]);
    expect(handler.copies).toEqual([7n]);
  });

  it('tells nobody of a copy that kafkajs answers and never sends', async () => {
    const handler = new TrialHandler();
    handler.opened = async () => ({ kind: 'open', fetchFrom: 5n, nextOffset: 7n });
    const { reader, consumer, join } = await startReader(handler);
    await join(0);
    consumer.ignoresCommits = true;
    await reader.stop();
    expect(handler.copies).toEqual([]);
  });

  it('takes a new consumer after a crash, and hears nothing more of the dead one', async () => {
    const { reader, consumer, consumers, join } = await startReader(new TrialHandler());
    await join(0);
    consumer.emit('CRASH', { error: new Error('broker away') });
    expect(reader.status).toEqual({ state: 'rejoining', reason: 'broker away', partitions: [] });
    await waitFor('the next consumer', () => consumers.length === 2);
    expect(consumer.calls).toContain('disconnect');
    consumers[1]!.emit('GROUP_JOIN', { memberAssignment: { trial: [1] } });
    await join(0);
    consumer.emit('REBALANCING');
    consumer.emit('CRASH', { error: new Error('late') });
    expect(reader.status).toMatchObject({ state: 'joined', partitions: [{ partition: 1 }] });
  });

  it('takes a new consumer when the present one has fallen silent, and hears nothing more of the silent one', async () => {
    const handler = new TrialHandler();
    const { consumer, consumers, join } = await startReader(handler, { sessionTimeoutMs: 100 });
    await join(0);
    await waitFor('a new consumer', () => consumers.length === 2);
    expect(consumer.calls).toContain('disconnect');
    consumers[1]!.emit('GROUP_JOIN', { memberAssignment: { trial: [0] } });
    await turn();
    expect(await consumer.feed([5])).toEqual([]);
    expect(handler.handled).toBe(0);
    expect(await consumers[1]!.feed([5])).toEqual(['5']);
  });

  it('finishes running handlers before it copies their position and leaves', async () => {
    const handler = new TrialHandler();
    const ending = Promise.withResolvers<HandleOutcome>();
    handler.outcome = () => ending.promise;
    const { reader, consumer, join } = await startReader(handler);
    await join(0);
    void consumer.feed([5, 6]);
    const stopping = reader.stop();
    await turn();
    expect(consumer.calls).not.toContain('disconnect');
    ending.resolve({ kind: 'done' });
    await stopping;
    expect(consumer.committed).toEqual([
      [{ topic: 'trial', partition: 0, offset: '7', metadata: 'millrace:7' }],
    ]);
    expect(consumer.calls.at(-1)).toBe('disconnect');
  });

  it('does not join any more once it was stopped while it was connecting', async () => {
    const connecting = Promise.withResolvers<undefined>();
    const { kafka, consumers } = scriptedKafka((consumer) => {
      consumer.connecting = connecting.promise;
    });
    const handlerFor = () => new TrialHandler();
    const reader = new GroupReader(kafka, {
      groupId: 'trial',
      topics: ['trial'],
      handlerFor,
      log: silentLogger,
    });
    reader.start();
    await reader.stop();
    connecting.resolve(undefined);
    await turn();
    expect(consumers[0]!.calls).toEqual(['disconnect', 'disconnect']);
  });
});
