import type { LogRecord, RawHeader } from '@millrace/event';
import type { KafkaMessage } from 'kafkajs';
import { FetchedRecord } from './consume/fetched-record';

/** A kafkajs message seen as a record of the log; it copies nothing and decodes a header when asked for it. */
export class KafkaLogRecord implements LogRecord {
  readonly offset: bigint;
  /** The header that was asked for first, mostly the id: whoever looks at a record begins with that one. */
  private firstName: string | undefined;
  private firstText: string | undefined;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly message: KafkaMessage | FetchedRecord,
  ) {
    this.offset = message instanceof FetchedRecord ? message.position : BigInt(message.offset);
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
    if (name === this.firstName) return this.firstText;
    const text = this.read(name);
    if (this.firstName === undefined) {
      this.firstName = name;
      this.firstText = text;
    }
    return text;
  }

  /**
   * In the order of the record. A message of kafkajs's own making has them in an object by their names instead: those that share
   * a name stand together then, and names that are whole numbers come before all others.
   */
  rawHeaders(): readonly RawHeader[] {
    const { message } = this;
    if (message instanceof FetchedRecord) return message.rawHeaders();
    return Object.entries(message.headers ?? {}).flatMap(([name, values]) =>
      (Array.isArray(values) ? values : [values]).map((value): RawHeader => [name, bytesOf(value)]),
    );
  }

  private read(name: string): string | undefined {
    const { message } = this;
    if (message instanceof FetchedRecord) return message.header(name);
    const values = message.headers?.[name];
    const first = Array.isArray(values) ? values[0] : values;
    // A header without a value is `null` here, whatever kafkajs's types say.
    return first?.toString() ?? undefined;
  }
}

function bytesOf(value: Buffer | string | null | undefined): Buffer | null {
  return typeof value === 'string' ? Buffer.from(value) : (value ?? null);
}
