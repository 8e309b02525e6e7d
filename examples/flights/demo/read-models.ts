import type { AirportRow, FlightRow } from './independent-fold';

const PAGE = 1_000;
const MODELS = ['flight', 'airport'] as const;
type Model = (typeof MODELS)[number];

interface Page {
  readonly rows: readonly Record<string, unknown>[];
  readonly next?: string;
}

interface Report {
  readonly projections: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly lag: string }[];
  }[];
}

/** Reads the read models from the projection service, as any client would. */
export class ReadModels {
  constructor(
    private readonly projectionUrl: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Waits until both models include these records; `onBehind` gets the records that one of them still has to fold. */
  async waitFor(
    positions: readonly string[],
    onBehind: (records: number) => void = () => undefined,
  ): Promise<void> {
    for (const model of MODELS) {
      for (;;) {
        const query = `limit=1&at-least=${encodeURIComponent(positions.join(','))}`;
        const response = await this.fetch(`/${model}?${query}`);
        if (response.ok) break;
        // 409: not yet. The service already waited, so it is asked again at once.
        if (response.status !== 409)
          throw new Error(`${model} answered ${response.status}: ${await response.text()}`);
        onBehind(await this.behind());
      }
    }
  }

  /** Every flight, in the order of their ids, a page at a time. */
  async *flights(): AsyncGenerator<FlightRow> {
    for await (const row of this.rows('flight')) yield row as unknown as FlightRow;
  }

  /** Every airport, in the order of their codes. */
  async airports(): Promise<AirportRow[]> {
    const airports: AirportRow[] = [];
    for await (const row of this.rows('airport')) airports.push(toAirport(row));
    return airports;
  }

  /** The airports with the most departures. */
  async busiestAirports(limit: number): Promise<AirportRow[]> {
    return (await this.page('airport', `sort=-departures&limit=${limit}`)).rows.map(toAirport);
  }

  /** The flights that landed latest. */
  async latestFlights(limit: number): Promise<FlightRow[]> {
    const landed = `delayMinutes[null]=false&sort=-delayMinutes&limit=${limit}`;
    return (await this.page('flight', landed)).rows as unknown as FlightRow[];
  }

  private async *rows(model: Model): AsyncGenerator<Record<string, unknown>> {
    let cursor = '';
    for (;;) {
      const page = await this.page(model, `limit=${PAGE}${cursor}`);
      yield* page.rows;
      if (page.next === undefined) return;
      cursor = `&cursor=${page.next}`;
    }
  }

  private async page(model: Model, query: string): Promise<Page> {
    return (await this.json(`/${model}?${query}`)) as Page;
  }

  private async behind(): Promise<number> {
    const { projections } = (await this.json('')) as Report;
    const lags = projections.map(({ partitions }) =>
      partitions.reduce((sum, { lag }) => sum + Number(lag), 0),
    );
    return Math.max(...lags);
  }

  private async json(path: string): Promise<unknown> {
    const response = await this.fetch(path);
    if (response.ok) return response.json();
    throw new Error(`/v1/projections${path} answered ${response.status}: ${await response.text()}`);
  }

  private fetch(path: string): Promise<Response> {
    return fetch(`${this.projectionUrl}/v1/projections${path}`, { signal: this.signal });
  }
}

/** The service gives 64-bit numbers as text. */
function toAirport(row: Record<string, unknown>): AirportRow {
  const { airport, departures, arrivals, delayMinutes, onTimeShare } = row;
  return {
    airport: String(airport),
    departures: Number(departures),
    arrivals: Number(arrivals),
    delayMinutes: Number(delayMinutes),
    onTimeShare: onTimeShare as number | null,
  };
}
