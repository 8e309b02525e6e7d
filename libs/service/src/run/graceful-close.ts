import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const idleSweepMs = 50;

/**
 * Returns the function that closes an application, to be taken before its port opens. It stops taking connections,
 * answers the requests in flight, and only then runs Nest's shutdown hooks: Nest by itself runs them first, so that a
 * request in flight would meet a Kafka writer or a pool that is already closed. `onStopping` runs before all that.
 * Idempotent.
 */
export function gracefulClose(app: NestFastifyApplication, onStopping: () => void): () => Promise<void> {
  let closing: Promise<void> | undefined;
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (_request, reply, done) => {
      if (closing !== undefined) {
        // A client that keeps its connection busy must not hold up the stop.
        void reply.header('connection', 'close');
      }
      done();
    });
  return () => (closing ??= close(app, onStopping));
}

async function close(app: NestFastifyApplication, onStopping: () => void): Promise<void> {
  onStopping();
  await stopListening(app);
  await app.close();
}

function stopListening(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  return new Promise((resolve) => {
    // Node closes the connections that are idle now; one that falls idle after its answer would stay until its
    // keep-alive ends, more than a minute later.
    const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs);
    // The callback's error says that the server never listened, which is as closed as it gets.
    server.close(() => {
      clearInterval(sweep);
      resolve();
    });
  });
}
