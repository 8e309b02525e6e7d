import type { AirportRow, FlightRow } from './independent-fold';

const PAGE = 1_000;

interface Page {
  readonly rows: readonly Record<string, unknown>[];
  readonly next?: string;
}

/** Reads the read models from the projection service, as any client would. */
export class ReadModels {
  constructor(
    private readonly projectionUrl: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Waits until both models include these records. */
  async waitFor(positions: readonly string[]): Promise<void> {
    for (const name of ['flight', 'airport']) {
      for (;;) {
        const query = `limit=1&at-least=${encodeURIComponent(positions.join(','))}`;
        const response = await this.fetch(`${name}?${query}`);
        if (response.ok) break;
        // 409: not yet. The service already waited, so it is asked again at once.
        if (response.status !== 409)
          throw new Error(`${name} answered ${response.status}: ${await response.text()}`);
      }
    }
  }

  async flights(): Promise<FlightRow[]> {
    return (await this.all('flight')) as unknown as FlightRow[];
  }

  async airports(): Promise<AirportRow[]> {
    const rows = await this.all('airport');
    return rows.map(({ airport, departures, arrivals, delayMinutes, onTimeShare }) => ({
      airport: String(airport),
      departures: Number(departures),
      arrivals: Number(arrivals),
      delayMinutes: Number(delayMinutes),
      onTimeShare: onTimeShare as number | null,
    }));
  }

  private async all(name: string): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    let after = '';
    for (;;) {
      const response = await this.fetch(`${name}?limit=${PAGE}${after}`);
      if (!response.ok) throw new Error(`${name} answered ${response.status}: ${await response.text()}`);
      const page = (await response.json()) as Page;
      rows.push(...page.rows);
      if (page.next === undefined) return rows;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
  }

  private fetch(path: string): Promise<Response> {
    return fetch(`${this.projectionUrl}/v1/projections/${path}`, { signal: this.signal });
  }
}
