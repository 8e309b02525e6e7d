import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@millrace/postgres';
import type { Flight } from '../feeder/flight';
import type { FlightsUnderTest } from './flights-under-test';
import { Witness } from './witness';

interface Rows {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly row?: Readonly<Record<string, unknown>>;
  readonly next?: string;
  readonly positions: readonly string[];
}

export interface Measured {
  readonly times: number;
  readonly slowestMs: number;
}

const WRITES_APART_MS = 10;
const PATIENCE_MS = 30_000;
const PAGE = 1_000;
/** The cursor is of a version that is not live any more. */
const BEGIN_AGAIN: Rows = { rows: [], positions: [] };
/** Of those who list: so small that builds are swapped between their pages. */
const SMALL_PAGE = 25;

/**
 * Clients of the flights that never rest: one publishes, the others read over HTTP and SQL, and each checks that nothing
 * it is shown contradicts what it was shown before. Every flight must have been fed once only.
 */
export class Traffic {
  private readonly witness = new Witness();
  private readonly clients = new Map<string, { times: number; slowestMs: number }>();
  private readonly stopping = new AbortController();
  private readonly working: Promise<void>[] = [];
  /** Of the flight that is asked for again and again. */
  private tag: string | undefined;

  constructor(
    private readonly flights: FlightsUnderTest,
    private readonly projectionUrl: string,
    private readonly database: Database,
  ) {}

  /** Begins once both models include what was fed before: from then on nothing of it may be missing. */
  async start(): Promise<void> {
    const known = this.flights.fedFlights;
    const last = one(known.slice(-1));
    await this.get('at the start', `flight/${last.id}`, this.flights.positions);
    await this.get('at the start', `airport/${last.origin}`, this.flights.positions);
    this.repeat('publish', () => this.publish());
    this.repeat('read what was just published', () => this.readOwnWrites());
    this.repeat('sum up the airports', () => this.sumAirports());
    this.repeat('list flights', () => this.listFlights(known.slice(-200)));
    this.repeat('list airports by departures', () => this.listAirports());
    this.repeat('ask for one flight', () => this.askForFlight(last));
    this.repeat('count in SQL', () => this.countInSql());
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.working);
  }

  /** What a client was refused, or shown and must not have been. */
  get violations(): readonly string[] {
    return this.witness.violations;
  }

  /** How often each client was answered, and how long it waited at most. */
  get measured(): ReadonlyMap<string, Measured> {
    return new Map([...this.clients].map(([name, measured]) => [name, { ...measured }]));
  }

  private repeat(name: string, once: () => Promise<void>): void {
    const measured = { times: 0, slowestMs: 0 };
    this.clients.set(name, measured);
    const work = async () => {
      while (!this.stopping.signal.aborted) {
        const since = performance.now();
        await once().catch((error: unknown) => this.witness.object(`${name}: ${String(error)}`));
        measured.times += 1;
        measured.slowestMs = Math.max(measured.slowestMs, Math.round(performance.now() - since));
        if (name === 'publish') await sleep(WRITES_APART_MS);
      }
    };
    this.working.push(work());
  }

  private async publish(): Promise<void> {
    await this.flights.feed(1);
  }

  private async readOwnWrites(): Promise<void> {
    const { fedFlights, positions } = this.flights;
    const { id, delay, origin } = one(fedFlights.slice(-1));
    const departed = fedFlights.filter((flight) => flight.origin === origin).length;
    const flight = await this.get('own flight', `flight/${id}`, positions);
    if (flight.row?.['delayMinutes'] !== delay) this.witness.object(`${id} is ${JSON.stringify(flight.row)}`);
    const airport = await this.get('own airport', `airport/${origin}`, positions);
    if (Number(airport.row?.['departures']) < departed)
      this.witness.object(`${departed} left ${origin}, which shows ${JSON.stringify(airport.row)}`);
  }

  /** Each event is counted at one airport, so the rows must amount to exactly what their positions say. */
  private async sumAirports(): Promise<void> {
    const { rows, positions } = await this.get('sum of airports', `airport?limit=${PAGE}`);
    const events = rows.reduce((sum, row) => sum + Number(row['departures']) + Number(row['arrivals']), 0);
    const included = positions.reduce((sum, position) => sum + Number(position.split('/')[2]) + 1, 0);
    if (events !== included)
      this.witness.object(`the airports count ${events} events at ${positions.join(', ')}`);
    this.witness.see('events of the airports', BigInt(events));
  }

  /** Page by page: rows that are there stay where they are, so that none is missing or shown twice. */
  private async listFlights(known: readonly Flight[]): Promise<void> {
    const [, ...others] = known;
    const shown = await this.listed(
      'flights',
      `flight?flightId[gt]=${one(known).id}&limit=${SMALL_PAGE * 4}`,
    );
    const ids = new Set(shown.map((row) => row['flightId']));
    if (ids.size < shown.length) this.witness.object(`${shown.length - ids.size} flights were listed twice`);
    const missing = others.filter(({ id }) => !ids.has(id)).map(({ id }) => id);
    if (missing.length > 0) this.witness.object(`${missing.join(', ')} were not listed any more`);
    this.witness.see('listed flights', BigInt(shown.length));
  }

  /** Departures only rise, so that an airport that was shown never comes again further down. */
  private async listAirports(): Promise<void> {
    const shown = await this.listed('airports', `airport?sort=-departures&limit=${SMALL_PAGE}`);
    const names = shown.map((row) => row['airport']);
    if (new Set(names).size < names.length)
      this.witness.object(`airports were listed twice: ${names.join(', ')}`);
    const departures = shown.map((row) => Number(row['departures']));
    if (departures.some((count, at) => count > (departures[at - 1] ?? Infinity)))
      this.witness.object(`airports were listed out of order: ${departures.join(', ')}`);
  }

  /** A row that is done never changes, whatever is published and swapped around it. */
  private async askForFlight({ id, delay }: Flight): Promise<void> {
    const url = `${this.projectionUrl}/v1/projections/flight/${id}`;
    const response = await fetch(
      url,
      this.tag === undefined ? {} : { headers: { 'if-none-match': this.tag } },
    );
    const text = await response.text();
    if (response.status !== (this.tag === undefined ? 200 : 304)) {
      this.witness.object(`${id} was answered ${response.status} by its tag: ${text}`);
    }
    if (response.status === 200 && (JSON.parse(text) as Rows).row?.['delayMinutes'] !== delay) {
      this.witness.object(`${id} is ${text}`);
    }
    this.tag = response.headers.get('etag') ?? undefined;
    const positions = response.headers.get('millrace-positions')?.split(',') ?? [];
    if (positions.length === 0) this.witness.object(`${id} was answered without positions`);
    this.witness.seePositions('one flight', positions, []);
  }

  /** All pages; from the first one again when the version changes in between, which the service says. */
  private async listed(client: string, path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const rows: Readonly<Record<string, unknown>>[] = [];
    for (let cursor = ''; ;) {
      const page = await this.get(client, `${path}${cursor}`);
      if (page === BEGIN_AGAIN) {
        rows.length = 0;
        cursor = '';
        continue;
      }
      rows.push(...page.rows);
      if (page.next === undefined) return rows;
      cursor = `&cursor=${page.next}`;
    }
  }

  private async countInSql(): Promise<void> {
    const flights = await this.database.query<{ rows: bigint; landed: bigint }>(
      'SELECT count(*) AS rows, count(delay_minutes) AS landed FROM read_model.flight',
    );
    this.witness.see('rows of flight in SQL', one(flights.rows).rows);
    this.witness.see('landed flights in SQL', one(flights.rows).landed);
    const airports = await this.database.query<{ events: bigint }>(
      'SELECT sum(departures + arrivals)::bigint AS events FROM read_model.airport',
    );
    this.witness.see('events of the airports in SQL', one(airports.rows).events);
  }

  /**
   * Asks until the model includes the positions; an answer that does not is a violation, and so is one that is older than the
   * client was given before.
   */
  private async get(client: string, path: string, atLeast: readonly string[] = []): Promise<Rows> {
    const query = atLeast.length === 0 ? '' : `?at-least=${encodeURIComponent(atLeast.join(','))}`;
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const response = await fetch(`${this.projectionUrl}/v1/projections/${path}${query}`);
      // 409: the service has waited in vain, and says so instead of showing something older.
      if (response.status === 409 && performance.now() < giveUpAt) continue;
      if (response.status === 410) return BEGIN_AGAIN;
      if (!response.ok)
        throw new Error(`${path}${query} answered ${response.status}: ${await response.text()}`);
      const rows = (await response.json()) as Rows;
      this.witness.seePositions(client, rows.positions, atLeast);
      return rows;
    }
  }
}

/** The first item, which has to be there. */
function one<Item>([item]: readonly Item[]): Item {
  if (item === undefined) throw new Error('there is nothing to read');
  return item;
}
