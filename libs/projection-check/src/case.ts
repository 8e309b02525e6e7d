import type { EventToPublish } from '@millrace/client';
import type { EventToFold } from '@millrace/projecting';
import * as fc from 'fast-check';
import { copyValue } from './copy-value';

/** A log that the samples could have made, and how it is read. */
export interface Case {
  /** Which stream the next event comes from, by its index; one that has ended gives none. */
  readonly picks: readonly number[];
  /** How many events a batch holds, in turn. */
  readonly batches: readonly number[];
  /** The partition of each stream, in turn. */
  readonly partitions: readonly number[];
}

/** The samples of one record key, in order: their partition keeps it. A sample without a key is a stream of its own. */
export type Stream = readonly EventToPublish[];

/** An event in its place in a log. */
export interface PlacedEvent {
  readonly sample: EventToPublish;
  /** `<topic>/<partition>` */
  readonly lane: string;
  /** A new copy at each call, so that a fold that changes it spoils no other. */
  readonly toFold: () => EventToFold;
}

const MAX_PARTITIONS = 4;
const MAX_EVENTS_A_BATCH = 8;

export function streamsOf(samples: readonly EventToPublish[]): Stream[] {
  const streams = new Map<unknown, EventToPublish[]>();
  for (const sample of samples) {
    const key = keyOf(sample);
    const name = key === null ? sample : JSON.stringify([sample.type.topic, key]);
    const stream = streams.get(name);
    if (stream === undefined) streams.set(name, [sample]);
    else stream.push(sample);
  }
  return [...streams.values()];
}

/** The samples as they were given, in one batch, and the streams in two partitions. */
export function wholeCase(samples: readonly EventToPublish[], streams: readonly Stream[]): Case {
  const streamOf = new Map(
    streams.flatMap((stream, index) => stream.map((sample) => [sample, index] as const)),
  );
  const picks = samples.flatMap((sample) => streamOf.get(sample) ?? []);
  return { picks, batches: [samples.length], partitions: [0, 1] };
}

/**
 * Any order of the streams against each other, each from its beginning, as a log would have them; small ones first when one
 * is made smaller.
 */
export function anyCase(streams: readonly Stream[]): fc.Arbitrary<Case> {
  const sampleCount = streams.reduce((sum, stream) => sum + stream.length, 0);
  return fc.record({
    picks: fc.array(fc.nat(streams.length - 1), { maxLength: sampleCount, size: 'medium' }),
    batches: fc.array(fc.integer({ min: 1, max: MAX_EVENTS_A_BATCH }), { minLength: 1, maxLength: 4 }),
    partitions: fc.array(fc.nat(MAX_PARTITIONS - 1), { minLength: 1, maxLength: 8 }),
  });
}

export function eventsOf({ picks, partitions }: Case, streams: readonly Stream[]): PlacedEvent[] {
  const rest = streams.map((stream) => stream.values());
  const ends = new Map<string, bigint>();
  return picks.flatMap((pick) => {
    const sample = rest[pick]?.next().value;
    if (sample === undefined) return [];
    const partition = inTurn(partitions, pick);
    const lane = `${sample.type.topic}/${partition}`;
    const offset = ends.get(lane) ?? 0n;
    ends.set(lane, offset + 1n);
    return [{ sample, lane, toFold: () => eventToFold(sample, partition, offset) }];
  });
}

/** The events cut into the batches of a case. */
export function batchesOf({ batches }: Case, events: readonly PlacedEvent[]): PlacedEvent[][] {
  const cut: PlacedEvent[][] = [];
  for (let from = 0; from < events.length;) {
    const to = from + inTurn(batches, cut.length);
    cut.push(events.slice(from, to));
    from = to;
  }
  return cut;
}

function inTurn(values: readonly number[], index: number): number {
  return values[index % values.length] ?? 1;
}

function keyOf({ type, value }: EventToPublish): string | null {
  return type.keyField === undefined ? null : String((value as Record<string, unknown>)[type.keyField]);
}

function eventToFold(sample: EventToPublish, partition: number, offset: bigint): EventToFold {
  const { type, value, options = {} } = sample;
  const {
    id = `${partition}-${offset}`,
    source = '/samples',
    subject,
    traceparent,
    extensions = {},
  } = options;
  const metadata = Object.freeze({
    id,
    source,
    type: type.type,
    time: new Date(options.time ?? Number(offset) * 1_000),
    subject,
    traceparent,
    topic: type.topic,
    partition,
    offset,
    key: keyOf(sample),
    extension: (name: string) => extensions[name],
  });
  return { type: type.type, payload: copyValue(value), metadata };
}
