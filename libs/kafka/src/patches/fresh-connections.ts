import type { Socket } from 'node:net';
import Connection from 'kafkajs/src/network/connection.js';

const LENGTH_BYTES = 4;
const { connect, disconnect } = Connection.prototype;

/**
 * A connection of kafkajs that is made again begins with nothing left of the one before. kafkajs 2.2.4 keeps what it had
 * received of an answer when the connection broke, and puts the first bytes of the new connection behind it: from there on
 * it reads lengths where none are, waits for answers that have long come, or throws a RangeError out of the socket, which
 * ends the process. And a socket that it has given up may still deliver, and ends the next one when it ends.
 */
Connection.prototype.connect = function (this: Connection): Promise<boolean> {
  if (!this.isConnected()) {
    this.chunks = [];
    this.bytesBuffered = 0;
    this.bytesNeeded = LENGTH_BYTES;
  }
  const attempt = connect.call(this);
  const { socket } = this;
  attempt.catch(() => silence(socket));
  return attempt;
};

/**
 * A socket that is still connecting belongs to an attempt that somebody waits for: kafkajs's pool of brokers disconnects
 * after a failed attempt when it has already let the next caller in, so this call may meet that caller's socket. Silenced,
 * it would never tell that it is connected, run into the connection timeout, and its own late disconnect would meet the
 * attempt after it, and so on, for as long as anybody sends. An attempt that fails silences its own socket.
 */
Connection.prototype.disconnect = async function (this: Connection): Promise<boolean> {
  const { socket } = this;
  const done = await disconnect.call(this);
  if (socket?.connecting !== true) silence(socket);
  return done;
};

/** Nobody waits for anything from it by now: what still comes is passed over, and its end is not the next one's end. */
function silence(socket: Socket | undefined): void {
  socket
    ?.removeAllListeners()
    .on('error', () => undefined)
    .resume();
}
