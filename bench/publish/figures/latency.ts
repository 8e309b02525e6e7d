import type { Contestant } from '../../figure';
import { Program } from '../../program';
import { runRace } from '../../run-figure';
import type { BenchStack } from '../bench-stack';
import type { PublishFigure } from '../publish';
import { serviceUnderLoad } from '../service-under-load';

const PER_SECOND = 1_000;
const SECONDS = 10;

/** How long a publisher of one event waits for its answer while a thousand a second come in. */
export const latency: PublishFigure = {
  name: 'latency',
  what: 'p50, p99 and p99.9 of one event at 1,000 events/s, beside kafkajs',
  run: async (stack, { rounds }, print) => {
    const ours = await millrace(stack);
    const peers = [await kafkajs(stack)];
    const metrics = [
      { key: 'p50', name: 'latency-p50', unit: 'ms' },
      { key: 'p99', name: 'latency-p99', unit: 'ms' },
      { key: 'p999', name: 'latency-p99.9', unit: 'ms' },
    ];
    const title = `Latency: ${PER_SECOND.toLocaleString('en-US')} events/s, one at a time, for ${SECONDS} s a round, from the planned beginning`;
    return runRace({ title, metrics, ours, peers }, { rounds, print });
  },
};

async function millrace(stack: BenchStack): Promise<Contestant> {
  return serviceUnderLoad({
    name: 'millrace',
    settings: 'POST of one event to the producer service, by default settings',
    service: await stack.startProducer(),
    load: 'post-latency',
    input: { path: '/v1/events/flights.FlightDeparted', perSecond: PER_SECOND, seconds: SECONDS },
  });
}

async function kafkajs(stack: BenchStack): Promise<Contestant> {
  const { brokers, registryUrl, peerTopic: topic } = stack;
  const program = await Program.start('publish/programs/kafkajs-latency.js', {
    ...{ brokers, registryUrl, topic, perSecond: PER_SECOND, seconds: SECONDS },
  });
  return {
    name: 'kafkajs',
    settings: 'one record a send in the process of the load, the same six headers',
    round: () => program.round(),
    close: () => program.close(),
  };
}
