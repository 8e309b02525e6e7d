import type { Logger } from '@millrace/contracts';
import type { ConsumerGroup, DeadLetterRecord } from '@millrace/delivery';
import { LogWriter } from '@millrace/kafka';
import type { Servers } from '@millrace/reading';

/** The topics of dead letters of the groups of one process, each made when it is first needed. */
export class DeadLetterTopics {
  private readonly names = new Map<string, Promise<string>>();
  private writer: LogWriter | undefined;

  constructor(
    private readonly servers: Pick<Servers, 'kafka' | 'cluster'>,
    private readonly log: Logger,
  ) {}

  /** @throws DeadLetterTopicError, KafkaUnavailableError, or as LogWriter.append does */
  async publish(group: ConsumerGroup, { key, value, headers }: DeadLetterRecord): Promise<void> {
    const topic = await this.nameOf(group);
    this.writer ??= new LogWriter(this.servers.kafka, { log: this.log });
    // With the time of now: by its own the broker might take an old record away at once.
    await this.writer.append({ topic, key, value, rawHeaders: headers });
  }

  async close(): Promise<void> {
    await this.writer?.close();
  }

  private nameOf({ name, topics }: ConsumerGroup): Promise<string> {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    const asked = this.servers.cluster.ensureDeadLetterTopic(name, { sources: topics });
    this.names.set(name, asked);
    // Asked again the next time.
    asked.catch(() => this.names.delete(name));
    return asked;
  }
}
