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
  return connect.call(this);
};

Connection.prototype.disconnect = async function (this: Connection): Promise<boolean> {
  const { socket } = this;
  const done = await disconnect.call(this);
  // Nobody waits for anything by now: what still comes is passed over, and its end is not the next one's end.
  socket
    ?.removeAllListeners()
    .on('error', () => undefined)
    .resume();
  return done;
};
