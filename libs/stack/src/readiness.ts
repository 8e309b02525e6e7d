import { connect } from 'node:net';

const TIMEOUT_MS = 2_000;
const METADATA_API = 3;
const METADATA_VERSION = 1;

/** A readiness check for `ServerProcess`: true when a GET of `url` answers 200 within 2 s. */
export function answersHttp(url: string): () => Promise<boolean> {
  return async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    // An unread body would hold its connection open until it is collected.
    await response.arrayBuffer();
    return response.status === 200;
  };
}

/**
 * True when the broker on that port of 127.0.0.1 answers a Metadata request (v1, no topics) and knows of at least one
 * broker: from then on topics can be made. https://kafka.apache.org/protocol#The_Messages_Metadata
 */
export function answersKafka(port: number): () => Promise<boolean> {
  const request = Buffer.alloc(18);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(METADATA_API, 4);
  request.writeInt16BE(METADATA_VERSION, 6);
  request.writeInt32BE(1, 8); // correlation id
  request.writeInt16BE(-1, 12); // no client id
  request.writeInt32BE(0, 14); // no topics
  const brokerCountAt = 8; // after the length and the correlation id

  return () => {
    return new Promise((resolve, reject) => {
      let received = Buffer.alloc(0);
      const socket = connect({ port, host: '127.0.0.1', timeout: TIMEOUT_MS });
      socket.once('connect', () => socket.write(request));
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < brokerCountAt + 4) return;
        resolve(received.readInt32BE(brokerCountAt) > 0);
        socket.destroy();
      });
      socket.once('timeout', () => socket.destroy(new Error('no answer')));
      socket.once('error', reject);
      socket.once('close', () => resolve(false));
    });
  };
}
