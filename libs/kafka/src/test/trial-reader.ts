import { setImmediate as turn } from 'node:timers/promises';
import type { HandleOutcome, OpenContext, OpenOutcome, PartitionHandler } from '@millrace/delivery';
import { silentLogger } from '@millrace/testing';
import { GroupReader } from '../group-reader';
import type { GroupReaderOptions } from '../group-reader';
import { scriptedKafka } from './scripted-consumer';
import type { ScriptedConsumer } from './scripted-consumer';

/** A handler whose answers a test decides. */
export class TrialHandler implements PartitionHandler {
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

/** Stops every reader that a test has started. */
export async function stopReaders(): Promise<void> {
  await Promise.all(readers.splice(0).map((reader) => reader.stop()));
}

export interface TrialReader {
  readonly reader: GroupReader;
  /** The reader's first. */
  readonly consumer: ScriptedConsumer;
  readonly consumers: readonly ScriptedConsumer[];
  /** Assigns these partitions of the topic `trial` to the first consumer. */
  readonly join: (...partitions: number[]) => Promise<void>;
}

/** Starts a reader of the topic `trial` over a scripted client. */
export async function startReader(
  handler: PartitionHandler,
  options: Partial<GroupReaderOptions> = {},
): Promise<TrialReader> {
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
  const [consumer] = consumers;
  if (consumer === undefined) throw new Error('the reader has made no consumer');
  const join = async (...partitions: number[]) => {
    consumer.emit('GROUP_JOIN', { memberAssignment: { trial: partitions } });
    await turn();
  };
  return { reader, consumer, consumers, join };
}
