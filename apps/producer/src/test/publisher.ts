import { FlightLanded } from '@millrace/contracts';

/** What one event was answered. */
export interface Published {
  readonly id: string;
  readonly key: string;
  readonly status: number;
  readonly outcome: unknown;
  readonly retryAfter: string | null;
  readonly tookMs: number;
}

/** Publishes events to a producer's process, one after the other for each key, and remembers every answer. */
export class Publisher {
  readonly answers: Published[] = [];
  private count = 0;
  private stopped = false;
  private loops: Promise<void>[] = [];

  constructor(
    private readonly url: string,
    private readonly name: string,
  ) {}

  async publish(key: string, id = `${this.name}-${(this.count += 1)}`): Promise<Published> {
    const startedAt = performance.now();
    const response = await fetch(`${this.url}/v1/events/${FlightLanded.type}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'ce-id': id },
      body: JSON.stringify({ flightId: key, origin: 'ATL', destination: 'BOS', delayMinutes: 0 }),
    });
    const { outcome } = (await response.json()) as { outcome?: unknown };
    const answer = {
      id,
      key,
      status: response.status,
      outcome,
      retryAfter: response.headers.get('retry-after'),
      tookMs: performance.now() - startedAt,
    };
    this.answers.push(answer);
    return answer;
  }

  /** Publishes without a pause until `stop`. */
  start(keys: number): void {
    const loop = async (key: string): Promise<void> => {
      while (!this.stopped) await this.publish(key);
    };
    this.loops = Array.from({ length: keys }, (_, index) => loop(`${this.name}-key-${index}`));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.loops);
  }

  get acknowledged(): string[] {
    return this.answers.filter(({ status }) => status === 201).map(({ id }) => id);
  }

  withOutcome(outcome: 'unknown' | 'not-written'): Published[] {
    return this.answers.filter((answer) => answer.outcome === outcome);
  }
}
