import { headerBytesOf } from '@millrace/event';
import type { HeaderBytes, LogRecord, RawHeader } from '@millrace/event';
import type { KafkaMessage } from 'kafkajs';
import { FetchedRecord } from './consume/fetched-record';

/** A kafkajs message seen as a record of the log; it copies nothing and decodes a header when asked for it. */
export class KafkaLogRecord implements LogRecord {
  readonly offset: bigint;

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
    const { message } = this;
    if (message instanceof FetchedRecord) return message.header(name);
    return firstValue(message, name)?.toString();
  }

  headerBytes(name: string): HeaderBytes | undefined {
    const { message } = this;
    if (message instanceof FetchedRecord) return message.headerBytes(name);
    return headerBytesOf(firstValue(message, name));
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
}

/** A header without a value is `null` here, whatever kafkajs's types say. */
function firstValue({ headers }: KafkaMessage, name: string): Buffer | string | undefined {
  const values = headers?.[name];
  return (Array.isArray(values) ? values[0] : values) ?? undefined;
}

function bytesOf(value: Buffer | string | null | undefined): Buffer | null {
  return typeof value === 'string' ? Buffer.from(value) : (value ?? null);
}
