import type { Contestant } from '../../figure';
import { Program } from '../../program';
import { runRace } from '../../run-figure';
import type { BenchStack } from '../bench-stack';
import type { PublishFigure } from '../publish';
import type { SendInput } from '../send-batches';
import { serviceUnderLoad } from '../service-under-load';

const STREAMS = 2;
const BATCH = 1_000;
const IN_FLIGHT = 5;

/** How fast a stream of events gets into the log over HTTP, beside clients that are handed keys and values that are ready. */
export const ndjsonIngest: PublishFigure = {
  name: 'ndjson-ingest',
  what: 'events/s over HTTP as NDJSON, beside clients that send ready records',
  run: async (stack, { events, rounds }, print) => {
    const ours = await millrace(stack, events);
    const peers = [
      await sender('kafkajs-no-headers', 'kafkajs', { stack, events, withHeaders: false }),
      await sender('kafkajs', 'kafkajs', { stack, events, withHeaders: true }),
      await sender('platformatic-no-headers', 'platformatic', { stack, events, withHeaders: false }),
      await sender('platformatic', 'platformatic', { stack, events, withHeaders: true }),
    ];
    const metrics = [{ key: 'rate', name: 'ndjson-ingest', unit: 'events/s' }];
    const title = `NDJSON ingest: ${events.toLocaleString('en-US')} flight events a round, 6 partitions`;
    return runRace({ title, metrics, ours, peers }, { rounds, print });
  },
};

async function millrace(stack: BenchStack, events: number): Promise<Contestant> {
  return serviceUnderLoad({
    name: 'millrace',
    settings: `the producer service, by default settings; ${STREAMS} streams; parses, validates, encodes to Avro, six headers`,
    service: await stack.startProducer(),
    load: 'ndjson-load',
    input: { events, streams: STREAMS },
  });
}

async function sender(
  name: string,
  client: 'kafkajs' | 'platformatic',
  { stack, events, withHeaders }: { stack: BenchStack; events: number; withHeaders: boolean },
): Promise<Contestant> {
  const { brokers, registryUrl, peerTopic: topic } = stack;
  const input: SendInput = {
    ...{ brokers, registryUrl, topic, events, withHeaders },
    ...{ batch: BATCH, inFlight: IN_FLIGHT },
  };
  const program = await Program.start(`publish/programs/${client}-send.js`, input);
  return {
    name,
    settings: `${BATCH} records a send, ${IN_FLIGHT} in flight, ${withHeaders ? 'the same six headers' : 'no headers'}; keys and Avro values are made before`,
    round: () => program.round(),
    close: () => program.close(),
  };
}
