import { byteRangeOf } from './log-record';
import type { ByteRange, LogRecord, RawHeader } from './log-record';
import type { Position } from './position';

export interface LooseRecordParts extends Position {
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly timestampMs: number;
  /** In their order. Default: none. */
  readonly headers?: readonly RawHeader[];
}

/** A record whose parts lie apart, each in a buffer of its own. */
export class LooseRecord implements LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  readonly #headers: readonly RawHeader[];

  constructor({
    topic,
    partition,
    offset,
    key = null,
    value = null,
    timestampMs,
    headers = [],
  }: LooseRecordParts) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.key = key;
    this.value = value;
    this.timestampMs = timestampMs;
    this.#headers = headers;
  }

  keyBytes(): ByteRange | null {
    return byteRangeOf(this.key);
  }

  valueBytes(): ByteRange | null {
    return byteRangeOf(this.value);
  }

  header(name: string): string | undefined {
    return this.#first(name)?.toString();
  }

  headerBytes(name: string): ByteRange | undefined {
    return byteRangeOf(this.#first(name));
  }

  hasHeaders(names: readonly string[]): boolean {
    return names.every((name) => this.#first(name) !== undefined);
  }

  rawHeaders(): readonly RawHeader[] {
    return this.#headers;
  }

  #first(name: string): Buffer | undefined {
    return this.#headers.find(([each]) => each === name)?.[1] ?? undefined;
  }
}
