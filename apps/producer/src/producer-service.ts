import type { Catalogue } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/service';
import type { FastifyRequest } from 'fastify';
import { endUnread } from './body/end-unread';
import { configuration } from './configuration';
import { createWritePath } from './create-write-path';
import { createOutboxRelay } from './outbox/create-outbox-relay';
import { outboxReadiness } from './outbox/outbox.module';
import { problems } from './problems';
import { ProducerModule } from './producer.module';
import { WritePath } from './write-path';

/** Of the time that a stop may take, what those who wait for the log may have at most. */
const ANSWER_SHARE = 0.6;

type ProducerDefinition = ServiceDefinition<typeof configuration>;

/** The producer service: HTTP and outbox in, acknowledged records of a catalogue's event types in the log out. */
export function producerService(catalogue: Catalogue): ProducerDefinition {
  return {
    name: 'producer',
    configuration,
    module: (settings, log) =>
      ProducerModule.around(
        {
          writePath: createWritePath(catalogue, settings, {
            clientId: 'producer',
            limits: {
              timeoutMs: settings.PUBLISH_TIMEOUT_MS,
              events: settings.MAX_PENDING_EVENTS,
              bytes: settings.MAX_PENDING_BYTES,
            },
            log,
          }),
          outbox: createOutboxRelay(catalogue, settings, log),
        },
        settings,
        log,
      ),
    readiness: (app) => {
      const writePath = app.get(WritePath);
      return [
        { name: 'kafka', check: () => writePath.checkKafka() },
        { name: 'schemas', check: async () => writePath.checkSchemas() },
        ...outboxReadiness(app.get(ProducerModule).outbox),
        ...(writePath.hasWindows ? [{ name: 'idempotency', check: () => writePath.checkIdempotency() }] : []),
      ];
    },
    problems,
    readsBodies: true,
    beforeListen: (app) => {
      app
        .getHttpAdapter()
        .getInstance()
        .addHook('onResponse', (request: FastifyRequest, _reply: unknown, done: () => void) => {
          endUnread(request.raw);
          done();
        });
    },
    afterListen: (app) => {
      // In the background: health answers while the registry is waited for.
      void app.get(WritePath).start();
    },
    onStopping: (app, settings) => {
      const withinMs = settings.SHUTDOWN_TIMEOUT_MS * ANSWER_SHARE;
      app.get(WritePath).stopWithin(withinMs);
      app.get(ProducerModule).outbox?.stopWithin(withinMs);
    },
  };
}
