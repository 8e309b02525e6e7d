import type { EventToPublish } from '@millrace/client';
import { catalogue, toJson } from '@millrace/contracts';
import { encodeEventHeaders } from '@millrace/event';
import type { EventAttributes } from '@millrace/event';
import { EventCodec, eventKey, RegistryClient } from '@millrace/schema-registry';
import { flightEvents } from '../examples/flights/feeder/flight-events';
import { readFlights } from '../examples/flights/feeder/flights';

/** A record as a client that is not ours would write it. */
export interface FlightRecord {
  readonly key: string;
  /** Avro in Confluent's framing. */
  readonly value: Buffer;
  /** The CloudEvents headers that Millrace writes for the same event. */
  readonly headers: Record<string, string>;
  /** What they say. */
  readonly attributes: EventAttributes;
}

/** One of the two events of a flight, as the feeder publishes it. */
export interface FlightEvent extends Pick<EventToPublish, 'type' | 'value'> {
  readonly id: string;
  /** Of the departure, for both. */
  readonly time: Date;
}

const SOURCE = '/bench';

/** The events of real flights, as lines of a stream: a departure and a landing of each. */
export async function flightLines(count: number): Promise<string[]> {
  const lines: string[] = [];
  for (const { type, value, id, time } of await firstEvents(count)) {
    lines.push(JSON.stringify({ id, source: SOURCE, type: type.type, time, data: toJson(value) }));
  }
  return lines;
}

/** The same events as the records that Millrace makes of them. */
export async function flightRecords(count: number, registryUrl: string): Promise<FlightRecord[]> {
  const encode = await flightEncoder(registryUrl);
  return (await firstEvents(count)).map((event) => {
    const encoded = encode(event);
    const { sharedHeaders, headers } = encodeEventHeaders(encoded.attributes);
    return { ...encoded, headers: { ...sharedHeaders, ...headers } };
  });
}

/** Makes of an event of a flight what is in its record, by the schemas of a registry. */
export async function flightEncoder(
  registryUrl: string,
): Promise<(event: FlightEvent) => Omit<FlightRecord, 'headers'>> {
  const codec = new EventCodec(catalogue, new RegistryClient({ url: registryUrl }));
  await codec.prepare();
  return ({ type, value, id, time }) => ({
    attributes: { id, source: SOURCE, type: type.type, time },
    key: eventKey(type, value) ?? '',
    value: codec.encode(type, value),
  });
}

async function firstEvents(count: number): Promise<FlightEvent[]> {
  const events: FlightEvent[] = [];
  for await (const event of eventsOfFlights(Math.ceil(count / 2))) events.push(event);
  return events.slice(0, count);
}

/** Departed and landed of each flight, one after the other, in the order of the departures. */
export async function* eventsOfFlights(flights: number): AsyncGenerator<FlightEvent> {
  for await (const { type, value, options } of flightEvents(readFlights(flights))) {
    yield { type, value, id: options?.id ?? '', time: options?.time ?? new Date() };
  }
}
