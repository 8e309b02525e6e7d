import { setImmediate as turn } from 'node:timers/promises';
import { WriteDeadlineError } from '../errors';
import { PartitionQueue } from '../partition-queue';
import type { PendingRecord } from '../pending-record';
import { NO_HEADERS } from '../produce/encoded-headers';

/** What becomes of one try to write a batch. */
export type Try =
  | 'written'
  | 'no connection'
  | 'too few replicas'
  | 'too late'
  | 'numbers lost'
  | 'lost before the log'
  | 'lost after the log';

export const DEADLINE_MS = 1_000;

/** A partition's log in memory with a queue before it, and a clock that stands until it is moved. Records are numbers. */
export class FakePartition {
  readonly log: number[] = [];
  /** For each record, what its caller was told, as often as it was told anything. */
  readonly answers = new Map<number, string[]>();
  /** How often the queue said that a record has left it. */
  readonly settled = new Map<number, number>();
  readonly tries: { readonly attempt: Try; readonly records: readonly number[] }[] = [];
  mostInFlight = 0;
  private inFlight = 0;
  private now = 0;
  private readonly ids = new Map<PendingRecord, number>();
  private readonly queue: PartitionQueue;

  constructor(
    private readonly script: {
      /** What the tries become, in order; those after the last one are written. */
      readonly tries?: readonly Try[];
      /** Records that the log never takes. */
      readonly refused?: ReadonlySet<number>;
      readonly maxBatchRecords?: number;
      readonly maxBatchBytes?: number;
    } = {},
  ) {
    this.queue = new PartitionQueue({
      topic: 'orders',
      partition: 3,
      deadlineMs: DEADLINE_MS,
      maxBatchRecords: script.maxBatchRecords ?? 4,
      maxBatchBytes: script.maxBatchBytes ?? 1_000_000,
      connect: async () => {
        if (this.nextTry !== 'no connection') return;
        this.tries.push({ attempt: 'no connection', records: [] });
        await turn();
        throw new Error('connection refused');
      },
      send: (batch) => this.send(batch.map((record) => this.idOf(record))),
      backOff: () => turn(),
      onSettled: (record) => {
        const id = this.idOf(record);
        this.settled.set(id, (this.settled.get(id) ?? 0) + 1);
      },
    });
  }

  push(id: number, sizeBytes = 100): void {
    const answer = (text: string): void => {
      this.answers.set(id, [...(this.answers.get(id) ?? []), text]);
    };
    const record: PendingRecord = {
      key: null,
      value: Buffer.alloc(0),
      headers: NO_HEADERS,
      sharedHeaders: NO_HEADERS,
      timestampMs: 0,
      sizeBytes,
      deadlineAt: this.now + DEADLINE_MS,
      resolve: ({ offset }) => answer(`at ${offset}`),
      reject: (error) => answer(error instanceof WriteDeadlineError ? error.outcome : error.name),
    };
    this.ids.set(record, id);
    this.queue.push(record);
  }

  /** Time goes by without the event loop turning. */
  pass(ms: number): void {
    this.now += ms;
    this.queue.expire(this.now);
  }

  /** The event loop turns: a try that is under way may end. */
  async turn(turns = 1): Promise<void> {
    for (let count = 0; count < turns; count++) await turn();
  }

  close(): void {
    this.queue.close();
  }

  private get nextTry(): Try {
    return this.script.tries?.[this.tries.length] ?? 'written';
  }

  private async send(records: readonly number[]): Promise<bigint> {
    const attempt = this.nextTry;
    this.tries.push({ attempt, records });
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    await turn();
    this.inFlight -= 1;
    if (attempt === 'lost before the log') throw new Error('the connection closed');
    if (attempt === 'too few replicas') throw kafkaError('NOT_ENOUGH_REPLICAS');
    if (attempt === 'too late') throw kafkaError('INVALID_TIMESTAMP');
    if (attempt === 'numbers lost') throw kafkaError('OUT_OF_ORDER_SEQUENCE_NUMBER');
    if (records.some((id) => this.script.refused?.has(id) === true)) throw kafkaError('MESSAGE_TOO_LARGE');
    const baseOffset = this.log.length;
    this.log.push(...records);
    if (attempt === 'lost after the log') throw new Error('the answer did not come');
    return BigInt(baseOffset);
  }

  private idOf(record: PendingRecord): number {
    const id = this.ids.get(record);
    if (id === undefined) throw new Error('a record that nobody pushed');
    return id;
  }
}

/** As the client gives a broker's own answer: wrapped in the error of its retries. */
function kafkaError(type: string): Error {
  return new Error('gave up', { cause: Object.assign(new Error(type), { type }) });
}
