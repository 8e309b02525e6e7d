import type { Position } from '@millrace/event';
import type { RecordToWrite } from '@millrace/kafka';
import { IdempotencyUnavailableError } from './errors';
import type { OnceWriter } from './once-writer';

const REASON = 'DATABASE_URL is not set.';

/** Refuses the events of topics with an idempotency window: there is no database to reserve them in. */
export class NoDatabaseWriter implements OnceWriter {
  constructor(private readonly topics: readonly string[]) {}

  async start(): Promise<void> {}

  async unavailable(): Promise<string> {
    return REASON;
  }

  covers(topic: string): boolean {
    return this.topics.includes(topic);
  }

  async append({ topic }: RecordToWrite): Promise<Position> {
    throw new IdempotencyUnavailableError(topic, REASON);
  }

  room(): undefined {
    return undefined;
  }

  answerAllWithin(): void {}

  async close(): Promise<void> {}
}
