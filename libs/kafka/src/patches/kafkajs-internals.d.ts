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
