import { formatTopicPartition } from '@millrace/event';
import type { ClientBroker } from '../client-cluster';
import { asError, brokerAnswer } from '../write-failure';
import { NotSentError } from './not-sent-error';
import { produceRequest } from './produce-request';
import type { PartitionBatch, ProduceAnswer } from './produce-request';

interface RequestEvents {
  /** A request got no answer. */
  readonly onBroken: () => void;
  /** The broker does not lead a partition that it was taken to lead. */
  readonly onOutdated: () => void;
}

interface Waiting {
  readonly batch: PartitionBatch;
  readonly resolve: (baseOffset: bigint) => void;
  readonly reject: (error: Error) => void;
}

/** Far below what a broker takes for a request (`socket.request.max.bytes`, 100 MiB by default). */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
const OUTDATED = new Set(['NOT_LEADER_FOR_PARTITION', 'UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);

/**
 * Batches on their way to one broker. What is ready within a turn of the event loop travels in one request, at most one batch
 * for each partition: the broker's work for a request, and ours, is then shared by its partitions. Each batch has its own outcome.
 */
export class BrokerRequests {
  private readonly waiting: Waiting[] = [];

  constructor(
    readonly broker: ClientBroker,
    private readonly events: RequestEvents,
  ) {}

  /** Gives the offset of the batch's first record. @throws as `BatchSender.send` */
  add(batch: PartitionBatch): Promise<bigint> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ batch, resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  private flush(): void {
    while (this.waiting.length > 0) void this.post(this.takeRequest());
  }

  private takeRequest(): Waiting[] {
    const partitions = new Set<string>();
    let bytes = 0;
    const full = this.waiting.findIndex(({ batch }) => {
      const place = formatTopicPartition(batch);
      bytes += batch.bytes.length;
      if (partitions.has(place) || (partitions.size > 0 && bytes > MAX_REQUEST_BYTES)) return true;
      partitions.add(place);
      return false;
    });
    return this.waiting.splice(0, full === -1 ? this.waiting.length : full);
  }

  private async post(sent: readonly Waiting[]): Promise<void> {
    const request = produceRequest(sent.map(({ batch }) => batch));
    let answer: ProduceAnswer;
    try {
      answer = await this.broker.connectionPool.send(request);
    } catch (error) {
      this.events.onBroken();
      for (const { batch, reject } of sent) {
        reject(request.mayHaveLeft ? asError(error) : new NotSentError(batch.topic, batch.partition, error));
      }
      return;
    }
    for (const each of sent) this.settle(each, answer);
  }

  private settle({ batch, resolve, reject }: Waiting, answer: ProduceAnswer): void {
    const place = formatTopicPartition(batch);
    const outcome = answer.partitions.get(place);
    if (outcome === undefined) reject(new Error(`The broker's answer does not speak of ${place}.`));
    else if ('baseOffset' in outcome) resolve(outcome.baseOffset);
    else {
      const { error } = outcome;
      if (OUTDATED.has(brokerAnswer(error) ?? '')) this.events.onOutdated();
      reject(error);
    }
  }
}
