/**
 * A peer: Emmett with its PostgreSQL store. Each flight is a stream. `append` stores events one by one, 16 at once, and folds them in the
 * transaction that stores them; `rebuild` folds again what was stored one flight after the other, because after concurrent appends
 * Emmett's rebuild may pass over events.
 */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { eventsOfFlights } from '../../flights';
import { serveRounds } from '../../program';
import type { Measured } from '../../figure';

export interface EmmettInput {
  readonly databaseUrl: string;
  readonly packages: string;
  readonly model: 'flight' | 'airport';
  readonly what: 'append' | 'rebuild';
  readonly events: number;
}

const POLL_MS = 20;
const GIVE_UP_MS = 60_000;

interface StoredEvent {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

type Document = Record<string, unknown>;

interface EventStore {
  appendToStream(stream: string, events: readonly StoredEvent[]): Promise<unknown>;
  close(): Promise<void>;
}

interface Definition {
  readonly canHandle: readonly string[];
  readonly collectionName: string;
  readonly initialState: () => Document;
  readonly evolve: (document: Document, event: StoredEvent) => Document;
  readonly getDocumentId?: (event: StoredEvent) => string;
}

interface EmmettPostgres {
  getPostgreSQLEventStore(url: string, options: { readonly projections: readonly unknown[] }): EventStore;
  pongoSingleStreamProjection(definition: Definition): unknown;
  pongoMultiStreamProjection(definition: Definition): unknown;
  rebuildPostgreSQLProjections(options: {
    readonly connectionString: string;
    readonly projections: readonly unknown[];
  }): { start(): Promise<void>; close(): Promise<void> };
}

interface Emmett {
  readonly projections: { inline(definitions: readonly unknown[]): readonly unknown[] };
}

const AT_ONCE = 16;
const DEPARTED = 'flights.FlightDeparted';
const LANDED = 'flights.FlightLanded';
const ON_TIME_BELOW_MINUTES = 15;

const flight: Definition = {
  canHandle: [DEPARTED, LANDED],
  collectionName: 'model',
  initialState: () => ({}),
  evolve: (document, { type, data }) => {
    const { origin, destination, departedAt, distanceMiles, delayMinutes } = data;
    return type === DEPARTED
      ? { ...document, origin, destination, departedAt, distanceMiles }
      : { ...document, delayMinutes };
  },
};

const airport: Definition = {
  canHandle: [DEPARTED, LANDED],
  collectionName: 'model',
  getDocumentId: ({ type, data }) => String(type === DEPARTED ? data['origin'] : data['destination']),
  initialState: () => ({ departures: 0, arrivals: 0, delayMinutes: 0, onTimeArrivals: 0 }),
  evolve: (document, { type, data }) => {
    const { departures, arrivals, delayMinutes, onTimeArrivals } = document as Record<string, number>;
    const [left = 0, came = 0, late = 0, onTime = 0] = [departures, arrivals, delayMinutes, onTimeArrivals];
    if (type === DEPARTED) return { ...document, departures: left + 1 };
    const delay = Number(data['delayMinutes']);
    const isOnTime = delay < ON_TIME_BELOW_MINUTES ? 1 : 0;
    return { ...document, arrivals: came + 1, delayMinutes: late + delay, onTimeArrivals: onTime + isOnTime };
  },
};

await serveRounds(async ({ databaseUrl, packages, model, what, events: count }: EmmettInput) => {
  const require = createRequire(`${packages}/package.json`);
  const { projections } = require('@event-driven-io/emmett') as Emmett;
  const postgres = require('@event-driven-io/emmett-postgresql') as EmmettPostgres;
  const projection =
    model === 'flight'
      ? postgres.pongoSingleStreamProjection(flight)
      : postgres.pongoMultiStreamProjection(airport);
  const store = postgres.getPostgreSQLEventStore(databaseUrl, {
    projections: projections.inline([projection]),
  });
  const events: { readonly stream: string; readonly event: StoredEvent }[] = [];
  for await (const { type, value } of eventsOfFlights(Math.ceil(count / 2))) {
    const data = { ...(value as Record<string, unknown>) };
    events.push({ stream: `flight-${String(data['flightId'])}`, event: { type: type.type, data } });
  }
  const rate = (startedAt: number): Measured => ({
    rate: events.length / ((performance.now() - startedAt) / 1_000),
  });

  if (what === 'append') {
    // The first makes its tables.
    await store.appendToStream('flight-first', [{ type: DEPARTED, data: { origin: 'none' } }]);
    return async () => {
      const startedAt = performance.now();
      let next = 0;
      // The two of a flight one after the other: two first events of a stream at once are refused.
      const append = async (): Promise<void> => {
        while (next < events.length) {
          const pair = events.slice(next, next + 2);
          next += 2;
          for (const { stream, event } of pair) await store.appendToStream(stream, [event]);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, append));
      return rate(startedAt);
    };
  }
  for (let at = 0; at < events.length; at += 2) {
    const pair = events.slice(at, at + 2);
    await store.appendToStream(
      pair[0]?.stream ?? '',
      pair.map(({ event }) => event),
    );
  }
  return async () => {
    const startedAt = performance.now();
    const rebuild = postgres.rebuildPostgreSQLProjections({
      connectionString: databaseUrl,
      // It goes on from its last checkpoint otherwise, and a second one in a database finds nothing to fold.
      projections: [{ projection, startFrom: 'BEGINNING' }],
    });
    await rebuild.start();
    // It is done when the rows say so, and not always when it says so itself.
    await untilFolded(databaseUrl, model, events.length);
    const measured = rate(startedAt);
    await rebuild.close();
    return measured;
  };
});

/** Whoever passes over events is not faster. @throws Error when some are missing for a minute */
async function untilFolded(databaseUrl: string, model: EmmettInput['model'], events: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const counted =
    model === 'flight' ? 'count(*) * 2' : "sum((data->>'departures')::int + (data->>'arrivals')::int)";
  const folded = async (): Promise<number> => {
    const { rows } = await client.query<{ events: string }>(`SELECT ${counted} AS events FROM model`);
    return Number(rows[0]?.events);
  };
  const giveUpAt = performance.now() + GIVE_UP_MS;
  let last = await folded();
  while (last !== events && performance.now() < giveUpAt) {
    await sleep(POLL_MS);
    last = await folded();
  }
  await client.end();
  if (last !== events) throw new Error(`Emmett's rebuild folded ${last} of ${events} events`);
}
