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
  const codec = new EventCodec(catalogue, new RegistryClient({ url: registryUrl }));
  await codec.prepare();
  return (await firstEvents(count)).map(({ type, value, id, time }) => {
    const attributes = { id, source: SOURCE, type: type.type, time };
    const { sharedHeaders, headers } = encodeEventHeaders(attributes);
    return {
      attributes,
      key: eventKey(type, value) ?? '',
      value: codec.encode(type, value),
      headers: { ...sharedHeaders, ...headers },
    };
  });
}

async function firstEvents(count: number) {
  const events = [];
  for await (const { type, value, options } of flightEvents(readFlights(Math.ceil(count / 2)))) {
    events.push({ type, value, id: options?.id ?? '', time: options?.time ?? new Date() });
  }
  return events.slice(0, count);
}
