import { KAFKA_APIS } from '../kafka-apis';
import type { KafkaApi } from '../kafka-apis';

export interface RequestBytes {
  readonly api: KafkaApi | number;
  readonly apiVersion?: number;
  readonly correlationId: number;
  readonly clientId?: string | null;
  readonly body?: Buffer;
}

/** A request's frame as a client sends it. */
export function requestBytes({
  api,
  apiVersion = 1,
  correlationId,
  clientId = 'specs',
  body,
}: RequestBytes): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt16BE(typeof api === 'number' ? api : KAFKA_APIS[api], 0);
  head.writeInt16BE(apiVersion, 2);
  head.writeInt32BE(correlationId, 4);
  return framed(Buffer.concat([head, stringBytes(clientId), body ?? Buffer.alloc(0)]));
}

/** A response's frame as a broker sends it. */
export function responseBytes(correlationId: number, body: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt32BE(correlationId);
  return framed(Buffer.concat([head, Buffer.from(body)]));
}

/** A nullable string: its length in two bytes, -1 for null. */
export function stringBytes(text: string | null): Buffer {
  const length = Buffer.alloc(2);
  length.writeInt16BE(text === null ? -1 : Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text ?? '')]);
}

export function int16Bytes(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function framed(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, content]);
}
