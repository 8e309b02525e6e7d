import { setImmediate as turn } from 'node:timers/promises';
import type { HandleOutcome, OpenContext, OpenOutcome, PartitionHandler } from '@millrace/delivery';
import { silentLogger, waitFor } from '@millrace/testing';
import { GroupReader } from '../group-reader';
import type { GroupReaderOptions } from '../group-reader';
import { scriptedKafka } from './scripted-consumer';

/** A handler whose answers a test decides. */
class TrialHandler implements PartitionHandler {
  opened: (context: OpenContext) => Promise<OpenOutcome> = async () => ({ kind: 'open', fetchFrom: 5n });
  outcome: () => Promise<HandleOutcome> | HandleOutcome = () => ({ kind: 'done' });
  handled = 0;
  readonly copies: bigint[] = [];

  open(context: OpenContext): Promise<OpenOutcome> {
    return this.opened(context);
  }

  async handle(): Promise<HandleOutcome> {
    this.handled += 1;
    return this.outcome();
  }

  async copied(nextOffset: bigint): Promise<void> {
    this.copies.push(nextOffset);
  }
}

const readers: GroupReader[] = [];
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.stop()));
});

async function startReader(handler: PartitionHandler, options: Partial<GroupReaderOptions> = {}) {
  const { kafka, consumers } = scriptedKafka();
  const reader = new GroupReader(kafka, {
    groupId: 'trial',
    topics: ['trial'],
    handlerFor: () => handler,
    log: silentLogger,
    ...options,
  });
  readers.push(reader);
  reader.start();
  await turn();
  const consumer = consumers[0]!;
  const join = async (...partitions: number[]) => {
    consumer.emit('GROUP_JOIN', { memberAssignment: { trial: partitions } });
    await turn();
  };
  return { reader, consumer, consumers, join };
}

describe('a group reader', () => {
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
    const { topic, partition } = { topic: 'trial', partition: 0 };
    expect(reader.status.partitions[0]).toEqual({ topic, partition, state: 'running', nextOffset: 7n });
    expect(consumer.calls.slice(-2)).toEqual(['seek 0 to 5', 'resume 0']);
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
