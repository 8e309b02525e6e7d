import type { TestService } from '@millrace/testing';
import type { Contestant } from '../../figure';
import { Program } from '../../program';
import { runRace } from '../../run-figure';
import type { PublishFigure } from '../publish';

const STREAMS = 2;

/** What an idempotency window costs: the same stream into topics with one, and into topics without. */
export const idempotentTopics: PublishFigure = {
  name: 'idempotent',
  what: 'events/s of a stream into topics with an idempotency window, beside topics without',
  run: async (stack, { events, rounds }, print) => {
    const ours = await contestant(
      'millrace-with-window',
      'a window of an hour: each event is reserved in PostgreSQL before it is sent',
      { service: await stack.startProducerWithWindow(), events },
    );
    const plain = await contestant('millrace-plain', 'the same service without a window', {
      ...{ service: await stack.startProducer(), events },
    });
    const metrics = [{ key: 'rate', name: 'idempotent', unit: 'events/s' }];
    const title = `Idempotency window: ${events.toLocaleString('en-US')} new flight events a round, ${STREAMS} streams`;
    return runRace({ title, metrics, ours, peers: [plain] }, { rounds, print });
  },
};

async function contestant(
  name: string,
  settings: string,
  { service, events }: { readonly service: TestService; readonly events: number },
): Promise<Contestant> {
  const { url, process } = service;
  const load = await Program.start('publish/programs/ndjson-load.js', {
    ...{ url, events, streams: STREAMS, fresh: true },
  });
  return {
    name,
    settings,
    round: () => load.round(),
    close: async () => {
      await load.close();
      await process.stop();
    },
  };
}
