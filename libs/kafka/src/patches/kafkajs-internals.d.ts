// What is used of kafkajs 2.2.4 beside its public interface. The version is pinned, and tests fail when another one differs.

declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net';

  /** One connection to a broker, used again after it was lost. */
  export default class Connection {
    constructor(options: object);
    /** What was received of an answer that is not complete. */
    chunks: Buffer[];
    bytesBuffered: number;
    bytesNeeded: number;
    socket: Socket | undefined;
    isConnected(): boolean;
    connect: (this: Connection) => Promise<boolean>;
    disconnect: (this: Connection) => Promise<boolean>;
    send<Answer>(request: {
      readonly request: {
        readonly apiKey: number;
        readonly apiVersion: number;
        readonly apiName: string;
        readonly encode: () => Promise<unknown>;
      };
      readonly response: {
        readonly decode: (payload: Buffer) => Promise<Answer>;
        readonly parse: (answer: Answer) => Promise<Answer>;
      };
    }): Promise<Answer>;
  }
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    /** What was written so far. */
    readonly buffer: Buffer;
    writeInt8(value: number): this;
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeUInt32(value: number): this;
    writeInt64(value: bigint): this;
    writeString(value: string): this;
    /** With their length in 32 bits before them. */
    writeBytes(value: Buffer): this;
    /** As they are. */
    writeBuffer(value: Buffer): this;
    writeVarInt(value: number): this;
    writeVarLong(value: bigint): this;
    writeVarIntBytes(value: Buffer | null): this;
    writeVarIntString(value: string): this;
  }
}

declare module 'kafkajs/src/network/socketFactory.js' {
  const socketFactory: () => unknown;
  export default socketFactory;
}

declare module 'kafkajs/src/protocol/error.js' {
  import type { KafkaJSProtocolError } from 'kafkajs';

  /** The error of a code that a broker answered with; its `type` is Kafka's own name for it. */
  export const createErrorFromCode: (code: number) => KafkaJSProtocolError;
}

declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(buffer: Buffer);
    readVarInt(): number;
    readVarLong(): { toString(): string };
  }
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  import type { IHeaders } from 'kafkajs';
  import type Decoder from 'kafkajs/src/protocol/decoder.js';

  interface DecodedRecord {
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: IHeaders;
    readonly offset: string;
    readonly timestamp: string;
  }

  /** Reads one record batch of magic 2, from its first byte. */
  const decodeRecordBatch: (decoder: Decoder) => Promise<{ readonly records: readonly DecodedRecord[] }>;
  export default decodeRecordBatch;
}

declare module 'kafkajs/src/protocol/message/compression/index.js' {
  /** Null for records that are not compressed. @throws when the codec is not registered */
  export const lookupCodecByAttributes: (
    attributes: number,
  ) => { readonly decompress: (bytes: Buffer) => Promise<Buffer> } | null;
}

declare module 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';

  /** Reads the records of one partition, from their size on, in whatever format they are. */
  const decodeMessages: (decoder: Decoder) => Promise<readonly object[]>;
  export default decodeMessages;
}

declare module 'kafkajs/src/protocol/requests/fetch/index.js' {
  /** Those that kafkajs can speak. */
  export const versions: readonly string[];
  export const protocol: (at: { readonly version: number }) => (request: object) => {
    readonly response: { readonly decode: (answer: Buffer) => Promise<object> };
  };
}

declare module 'kafkajs/src/protocol/requests/fetch/*' {
  /** How the answer to one version of a Fetch request is read. */
  const response: { decode: (answer: Buffer) => Promise<object> };
  export default response;
}

declare module 'kafkajs/src/consumer/batch.js' {
  interface Message {
    readonly offset: bigint;
    readonly isControlRecord: boolean;
  }

  /** What an answer holds of one partition. */
  export default class Batch {
    constructor(
      topic: string,
      fetchedOffset: string,
      partition: {
        readonly partition: number;
        readonly highWatermark: string;
        readonly abortedTransactions: readonly object[];
        readonly messages: readonly Message[];
      },
    );
    readonly messages: readonly Message[];
    readonly messagesWithinOffset: readonly Message[];
  }
}
