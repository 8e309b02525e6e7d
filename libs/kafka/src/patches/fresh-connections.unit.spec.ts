import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import './fresh-connections';
import Connection from 'kafkajs/src/network/connection.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import socketFactory from 'kafkajs/src/network/socketFactory.js';

const silent = { debug() {}, info() {}, warn() {}, error() {}, namespace: () => silent };
const HEADER_AT = 4;
const CORRELATION_AT = HEADER_AT + 4;

/** The answer to a request: its length, its correlation id, and these bytes. */
function answerTo(request: Buffer, payload: Buffer): Buffer {
  const answer = Buffer.alloc(8 + payload.length);
  answer.writeInt32BE(4 + payload.length, 0);
  request.copy(answer, 4, CORRELATION_AT, CORRELATION_AT + 4);
  payload.copy(answer, 8);
  return answer;
}

describe('a connection of kafkajs', () => {
  let server: Server;
  let onRequest: (socket: Socket, request: Buffer) => void;
  let connection: Connection;

  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('data', (request) => onRequest(socket, request)).on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    connection = new Connection({
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      logger: silent,
      socketFactory: socketFactory(),
      connectionTimeout: 2_000,
      requestTimeout: 3_000,
    });
  });

  afterEach(async () => {
    await connection.disconnect();
    server.close();
  });

  const ask = () =>
    connection.send({
      request: { apiKey: 18, apiVersion: 0, apiName: 'Trial', encode: async () => new Encoder() },
      response: { decode: async (payload) => payload.toString(), parse: async (text) => text },
    });

  it.each([1, 3, 6, 9])(
    'that broke after %i bytes of an answer reads the answers of the next connection',
    async (bytes) => {
      await connection.connect();
      onRequest = (socket, request) =>
        socket.write(answerTo(request, Buffer.from('first')).subarray(0, bytes), () => socket.destroy());
      await expect(ask()).rejects.toThrow(/closed|ECONNRESET/i);
      await connection.connect();
      onRequest = (socket, request) => socket.write(answerTo(request, Buffer.from('second')));
      expect(await ask()).toBe('second');
    },
  );

  it('that was given up no longer listens to its old socket', async () => {
    const sockets: Socket[] = [];
    server.on('connection', (socket: Socket) => sockets.push(socket));
    await connection.connect();
    await connection.disconnect();
    await connection.connect();
    sockets[0]?.write(Buffer.alloc(3));
    onRequest = (socket, request) => socket.write(answerTo(request, Buffer.from('mine')));
    expect(await ask()).toBe('mine');
  });

  it('goes on with an attempt to connect when the one before it is given up late', async () => {
    const attempt = connection.connect();
    await connection.disconnect();
    expect(await attempt).toBe(true);
  });
});
