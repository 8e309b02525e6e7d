import { freePort } from '@millrace/stack';
import type { Contestant } from '../../figure';
import { Program } from '../../program';
import { runRace } from '../../run-figure';
import type { BenchStack } from '../bench-stack';
import type { PublishFigure } from '../publish';
import { serviceUnderLoad } from '../service-under-load';

const CONNECTIONS = 64;
/** A request is worth several events of a stream. */
const SHARE = 10;

/** How many requests with one event each are answered after the log has the event. */
export const singlePost: PublishFigure = {
  name: 'single-post',
  what: 'requests/s with one event each, beside a NestJS controller',
  run: async (stack, { events, rounds }, print) => {
    const requests = Math.ceil(events / SHARE);
    const ours = await millrace(stack, requests);
    const peers = [await controller(stack, requests)];
    const metrics = [{ key: 'rate', name: 'single-post', unit: 'requests/s' }];
    const title = `Single POST: ${requests.toLocaleString('en-US')} requests a round, ${CONNECTIONS} connections kept alive`;
    return runRace({ title, metrics, ours, peers }, { rounds, print });
  },
};

async function millrace(stack: BenchStack, events: number): Promise<Contestant> {
  return serviceUnderLoad({
    name: 'millrace',
    settings:
      'the producer service, by default settings; the plain form: the data of an event as application/json',
    service: await stack.startProducer(),
    load: 'post-load',
    input: { path: '/v1/events/flights.FlightDeparted', events, connections: CONNECTIONS },
  });
}

async function controller(stack: BenchStack, events: number): Promise<Contestant> {
  const { brokers, registryUrl, peerTopic: topic } = stack;
  const port = await freePort();
  const service = await Program.start('publish/controller/main.js', { brokers, registryUrl, topic, port });
  const load = await Program.start('publish/programs/post-load.js', {
    ...{ url: `http://127.0.0.1:${port}`, path: '/departures', events, connections: CONNECTIONS },
  });
  return {
    name: 'nest-controller',
    settings:
      'NestJS on Fastify, @kafkajs/confluent-schema-registry, ClientKafka with producerOnlyMode, acks -1, awaits emit; no headers',
    round: () => load.round(),
    close: async () => {
      await load.close();
      await service.close();
    },
  };
}
