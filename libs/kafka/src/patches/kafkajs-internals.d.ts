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
    writeInt32(value: number): this;
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
