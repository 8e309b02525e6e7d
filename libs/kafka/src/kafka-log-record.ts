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
    // A header without a value is `null` here, whatever kafkajs's types say.
    return first?.toString() ?? undefined;
  }

  /**
   * kafkajs gathers the headers in an object by their names: those that share a name stand together here, in their own order,
   * where the first of them stood, and names that are whole numbers come before all others.
   */
  rawHeaders(): readonly RawHeader[] {
    return Object.entries(this.message.headers ?? {}).flatMap(([name, values]) =>
      (Array.isArray(values) ? values : [values]).map((value): RawHeader => [name, bytesOf(value)]),
    );
  }
}

function bytesOf(value: Buffer | string | null | undefined): Buffer | null {
  return typeof value === 'string' ? Buffer.from(value) : (value ?? null);
}
