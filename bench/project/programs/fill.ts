/** Writes a part of the flights' events to one topic with the sender of the producer service, as fast as it takes them. */
import { FlightDeparted } from '@millrace/contracts';
import { encodeEventHeaders } from '@millrace/event';
import { createKafkaClient, LogWriter } from '@millrace/kafka';
import { silentLogger } from '@millrace/testing';
import { eventsOfFlights, flightEncoder } from '../../flights';
import type { FlightEvent } from '../../flights';
import type { FlightOrder } from '../../options';
import { serveRounds } from '../../program';
import { inOrder } from '../flight-order';
import type { Pair } from '../flight-order';

export interface FillInput {
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly withHeaders: boolean;
  readonly order: FlightOrder;
  /** Whole flights of which the log is made. */
  readonly flights: number;
  /** The first event of this part, and the one behind its last, counted from 0. */
  readonly from: number;
  readonly to: number;
}

/** Appended at once: what a busy producer has waiting. */
const CHUNK = 5_000;

await serveRounds(async (input: FillInput) => {
  const { brokers, registryUrl, topic, withHeaders, order, flights, from, to } = input;
  const encode = await flightEncoder(registryUrl);
  const kafka = createKafkaClient({ brokers, clientId: 'bench-fill', log: silentLogger });
  return async () => {
    const writer = new LogWriter(kafka, { log: silentLogger });
    const startedAt = performance.now();
    let waiting: Promise<unknown>[] = [];
    let index = 0;
    for await (const event of inOrder(pairsOf(eventsOfFlights(flights)), order)) {
      if (index >= to) break;
      if (index++ < from) continue;
      const { key, value, attributes } = encode(event);
      const headers = withHeaders ? encodeEventHeaders(attributes) : { sharedHeaders: {}, headers: {} };
      waiting.push(writer.append({ topic, key, value, ...headers }));
      if (waiting.length < CHUNK) continue;
      await Promise.all(waiting);
      waiting = [];
    }
    await Promise.all(waiting);
    await writer.close();
    return { rate: (to - from) / ((performance.now() - startedAt) / 1_000) };
  };
});

async function* pairsOf(events: AsyncIterable<FlightEvent>): AsyncGenerator<Pair<FlightEvent>> {
  let departed: FlightEvent | undefined;
  for await (const event of events) {
    if (event.type.type === FlightDeparted.type) {
      departed = event;
      continue;
    }
    if (departed === undefined) throw new Error('a flight landed that never left');
    const { distanceMiles } = departed.value as { readonly distanceMiles: number };
    const { delayMinutes } = event.value as { readonly delayMinutes: number };
    yield { departed, landed: event, time: departed.time, distanceMiles, delayMinutes };
  }
}
