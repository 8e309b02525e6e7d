import type { FlightOrder } from '../options';

const MINUTE_MS = 60_000;
/** On the ground and climbing, whatever the distance. */
const TAXI_MINUTES = 30;
const MILES_A_MINUTE = 8;
const SHORTEST_MINUTES = 15;

/** A departure and the landing that belongs to it, with what says how far they are apart. */
export interface Pair<Event> {
  readonly departed: Event;
  readonly landed: Event;
  /** Of the departure; pairs come in this order. */
  readonly time: Date;
  readonly distanceMiles: number;
  readonly delayMinutes: number;
}

/**
 * The events of flights in the order of a log. `time`: a landing lies among the departures of the minute in which it happened,
 * as in a real feed; the datasets do not say when that was, so it is reckoned from distance and delay. `pairs`: right behind its
 * departure. Every prefix is the same, however many flights follow.
 */
export async function* inOrder<Event>(
  pairs: AsyncIterable<Pair<Event>>,
  order: FlightOrder,
): AsyncGenerator<Event> {
  const inTheAir = new Map<number, Event[]>();
  let now = 0;
  let last = 0;
  for await (const { departed, landed, time, distanceMiles, delayMinutes } of pairs) {
    const minute = Math.floor(time.getTime() / MINUTE_MS);
    if (inTheAir.size > 0) yield* landUntil(minute);
    now = minute;
    yield departed;
    if (order === 'pairs') {
      yield landed;
      continue;
    }
    const airborne = Math.max(SHORTEST_MINUTES, TAXI_MINUTES + distanceMiles / MILES_A_MINUTE + delayMinutes);
    const lands = minute + Math.round(airborne);
    last = Math.max(last, lands);
    const others = inTheAir.get(lands);
    if (others === undefined) inTheAir.set(lands, [landed]);
    else others.push(landed);
  }
  yield* landUntil(last);

  function* landUntil(minute: number): Generator<Event> {
    for (; now <= minute; now++) {
      yield* inTheAir.get(now) ?? [];
      inTheAir.delete(now);
    }
  }
}
