import { setImmediate as turn } from 'node:timers/promises';
import type { HandleOutcome, OpenOutcome } from '@millrace/delivery';
import { waitFor } from '@millrace/testing';
import { startReader, stopReaders, TrialHandler } from './trial-reader';

afterEach(stopReaders);

describe('the partitions of a group reader', () => {
  it('pauses every partition at its assignment, and fetches from where its handler says', async () => {
    const { reader, consumer, join } = await startReader(new TrialHandler());
    await join(0, 1);
    expect(consumer.calls).toEqual([
      'run',
      'pause 0',
      'pause 1',
      'seek 0 to 5',
      'resume 0',
      'seek 1 to 5',
      'resume 1',
    ]);
    expect(reader.status).toMatchObject({
      state: 'joined',
      partitions: [{ state: 'running' }, { state: 'running' }],
    });
  });

  it('counts only a heartbeat that was sent after it was asked for', async () => {
    const handler = new TrialHandler();
    handler.opened = async (context) => {
      await context.confirmMembership();
      return { kind: 'open', fetchFrom: 0n };
    };
    const { reader, consumer, join } = await startReader(handler);
    const before = Date.now() - 1;
    await join(0);
    consumer.heartbeat(before);
    await turn();
    expect(reader.status.partitions[0]?.state).toBe('opening');
    consumer.heartbeat(Date.now() + 1);
    await turn();
    expect(reader.status.partitions[0]?.state).toBe('running');
  });

  it('tells a partition that waits for a heartbeat when the assignment ends', async () => {
    const handler = new TrialHandler();
    let told: unknown;
    handler.opened = async (context) => {
      await context.confirmMembership().catch((error: unknown) => (told = error));
      return { kind: 'open', fetchFrom: 0n };
    };
    const { consumer, join } = await startReader(handler);
    await join(0);
    consumer.emit('REBALANCING');
    await turn();
    expect(told).toMatchObject({ code: 'MEMBERSHIP_LOST' });
    expect(consumer.calls).not.toContain('resume 0');
  });

  it('resolves what is done, run by run, and stops at a hold', async () => {
    const handler = new TrialHandler();
    const hold = { kind: 'hold', nextOffset: 8n, delayMs: 1, reason: 'trial/0/8 fails' } as const;
    handler.outcome = () => (handler.handled === 3 ? hold : { kind: 'done' });
    const { reader, consumer, join } = await startReader(handler, { maxRecords: 2 });
    await join(0);
    expect(await consumer.feed([5, 6, 7, 8, 9, 10, 11])).toEqual(['6', '8']);
    expect(reader.status.partitions[0]).toMatchObject({
      state: 'held',
      reason: 'trial/0/8 fails',
      nextOffset: 8n,
    });
    expect(consumer.calls.slice(-2)).toEqual(['pause 0', 'seek 0 to 8']);
    await waitFor('the next try', () => consumer.calls.at(-1) === 'resume 0');
    // Held until something is done: a try alone would make health flap for as long as the record fails.
    expect(reader.status.partitions[0]).toMatchObject({ state: 'held', reason: 'trial/0/8 fails' });
    await consumer.feed([8]);
    expect(reader.status.partitions[0]).toEqual({
      topic: 'trial',
      partition: 0,
      state: 'running',
      nextOffset: 9n,
      expected: expect.anything() as unknown,
    });
  });

  it('leaves records alone that were fetched before a partition stood still', async () => {
    const handler = new TrialHandler();
    handler.outcome = () => ({ kind: 'halt', reason: 'lost' });
    const { reader, consumer, join } = await startReader(handler);
    await join(0);
    await consumer.feed([5]);
    await consumer.feed([6]);
    expect(handler.handled).toBe(1);
    expect(reader.status.partitions[0]).toMatchObject({ state: 'halted', reason: 'lost' });
  });

  it('opens a halted partition again when its handler says that something has changed, halted until then', async () => {
    const handler = new TrialHandler();
    const decided = Promise.withResolvers<undefined>();
    handler.opened = async () => ({ kind: 'halt', reason: 'moved to 3', over: decided.promise });
    const { reader, consumer, join } = await startReader(handler);
    await join(0);
    expect(reader.status.partitions[0]).toMatchObject({ state: 'halted', reason: 'moved to 3' });
    const opened = Promise.withResolvers<OpenOutcome>();
    handler.opened = () => opened.promise;
    decided.resolve(undefined);
    await turn();
    expect(reader.status.partitions[0]?.state).toBe('halted');
    opened.resolve({ kind: 'open', fetchFrom: 5n, nextOffset: 7n });
    await turn();
    expect(reader.status.partitions[0]).toMatchObject({ state: 'running', nextOffset: 7n });
    expect(reader.status.partitions[0]).not.toHaveProperty('reason');
    expect(consumer.calls.slice(-2)).toEqual(['seek 0 to 5', 'resume 0']);
  });

  it('opens a partition again that halted at a record, once the handler says that it may go on', async () => {
    const handler = new TrialHandler();
    const released = Promise.withResolvers<undefined>();
    handler.outcome = () => ({ kind: 'halt', reason: 'trial/0/5 is no event', over: released.promise });
    const { reader, consumer, join } = await startReader(handler);
    await join(0);
    expect(await consumer.feed([5, 6])).toEqual([]);
    expect(reader.status.partitions[0]).toMatchObject({ state: 'halted', reason: 'trial/0/5 is no event' });
    handler.outcome = () => ({ kind: 'done' });
    released.resolve(undefined);
    await turn();
    expect(consumer.calls.slice(-2)).toEqual(['seek 0 to 5', 'resume 0']);
    expect(await consumer.feed([5, 6])).toEqual(['6']);
    expect(reader.status.partitions[0]).toMatchObject({ state: 'running', nextOffset: 7n });
  });

  it('leaves the next assignment of a halted partition alone when the wait of the one before ends', async () => {
    const handler = new TrialHandler();
    handler.opened = ({ signal }) =>
      Promise.resolve({
        kind: 'halt',
        reason: 'moved to 3',
        over: new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
      });
    const { consumer, join } = await startReader(handler);
    await join(0);
    handler.opened = async () => ({ kind: 'open', fetchFrom: 5n });
    await join(0);
    await turn();
    expect(consumer.calls).toEqual(['run', 'pause 0', 'pause 0', 'pause 0', 'seek 0 to 5', 'resume 0']);
  });

  it('moves no offset of the next assignment when a handler ends after its partition was assigned anew', async () => {
    const handler = new TrialHandler();
    const ending = Promise.withResolvers<HandleOutcome>();
    handler.outcome = () => ending.promise;
    const { consumer, join } = await startReader(handler);
    await join(0);
    const feeding = consumer.feed([5, 6]);
    // A node that reports stale metadata makes kafkajs join again while another node's batch is under way.
    await join(0);
    ending.resolve({ kind: 'done' });
    expect(await feeding).toEqual([]);
  });

  it('makes kafkajs join again when a partition is fenced', async () => {
    const handler = new TrialHandler();
    handler.outcome = () => ({ kind: 'fenced', reason: 'epoch 8 took it' });
    const { consumer, join } = await startReader(handler);
    await join(0);
    await expect(consumer.feed([5])).rejects.toMatchObject({ type: 'REBALANCE_IN_PROGRESS' });
  });

  it.each([
    ['closes the partition and joins again', 'UNKNOWN_MEMBER_ID', true],
    ['goes on, when the broker was only away', 'NETWORK_EXCEPTION', false],
  ])('%s after a heartbeat beside a long handler fails with %s', async (_what, type, closes) => {
    const handler = new TrialHandler();
    const ending = Promise.withResolvers<HandleOutcome>();
    handler.outcome = () => ending.promise;
    const { consumer, join } = await startReader(handler, { heartbeatIntervalMs: 5 });
    await join(0);
    let beats = 0;
    const heartbeat = () => {
      beats += 1;
      return Promise.reject(Object.assign(new Error(type), { type }));
    };
    const feeding = consumer.feed([5], { heartbeat });
    const outcome = feeding.then(
      (resolved) => resolved,
      (error: unknown) => error,
    );
    await waitFor('two heartbeats', () => beats > 1);
    ending.resolve({ kind: 'done' });
    if (closes) expect(await outcome).toMatchObject({ type });
    else expect(await outcome).toEqual(['5']);
  });

  it('survives a hold that ends between a crash of kafkajs and its event', async () => {
    const handler = new TrialHandler();
    handler.outcome = () => ({ kind: 'hold', nextOffset: 5n, delayMs: 1, reason: 'no' });
    const { reader, consumer, join } = await startReader(handler);
    await join(0);
    await consumer.feed([5]);
    consumer.crashed = true;
    // An error out of the timer would be an uncaught exception and end the run.
    await waitFor('the hold to end', () => consumer.refused.includes('resume 0'));
    expect(reader.status.partitions).toHaveLength(1);
  });
});
