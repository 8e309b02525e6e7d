import { runRace } from '../../run-figure';
import type { PublishFigure } from '../publish';
import { serviceUnderLoad } from '../service-under-load';

const STREAMS = 2;

/** What an idempotency window costs: the same stream into topics with one, and into topics without. */
export const idempotentTopics: PublishFigure = {
  name: 'idempotent',
  what: 'events/s of a stream into topics with an idempotency window, beside topics without',
  run: async (stack, { events, rounds }, print) => {
    const stream = { load: 'ndjson-load', input: { events, streams: STREAMS, fresh: true } };
    const ours = await serviceUnderLoad({
      ...stream,
      name: 'millrace-with-window',
      settings: 'a window of an hour: each event is reserved in PostgreSQL before it is sent',
      service: await stack.startProducerWithWindow(),
    });
    const plain = await serviceUnderLoad({
      ...stream,
      name: 'millrace-plain',
      settings: 'the same service without a window',
      service: await stack.startProducer(),
    });
    const metrics = [{ key: 'rate', name: 'idempotent', unit: 'events/s' }];
    const title = `Idempotency window: ${events.toLocaleString('en-US')} new flight events a round, ${STREAMS} streams`;
    return runRace({ title, metrics, ours, peers: [plain] }, { rounds, print });
  },
};
