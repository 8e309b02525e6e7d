import type { LogRecord, RawHeader } from '@millrace/event';
import type { KafkaMessage } from 'kafkajs';

/** A kafkajs message seen as a record of the log; it copies nothing and decodes a header when asked for it. */
export class KafkaLogRecord implements LogRecord {
  readonly offset: bigint;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly message: KafkaMessage,
  ) {
    this.offset = BigInt(message.offset);
  }

  get key(): Buffer | null {
    return this.message.key;
  }

  get value(): Buffer | null {
    return this.message.value;
  }

  get timestampMs(): number {
    return Number(this.message.timestamp);
  }

  header(name: string): string | undefined {
    const values = this.message.headers?.[name];
    const first = Array.isArray(values) ? values[0] : values;
    return first === undefined ? undefined : first.toString();
  }

  rawHeaders(): readonly RawHeader[] {
    return Object.entries(this.message.headers ?? {}).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((each): RawHeader => [
        name,
        each === undefined ? null : Buffer.from(each),
      ]),
    );
  }
}
