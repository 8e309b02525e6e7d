import type { Catalogue } from '@millrace/contracts';
import { createLogger, parseConfiguration, startService } from '@millrace/service';
import type { RunningService } from '@millrace/service';
import { serversUnderTest, waitFor } from '@millrace/testing';
import { configuration } from '../configuration';
import { producerService } from '../producer-service';

export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  readonly body: Record<string, unknown>;
}

/** A producer inside the test, over the real servers and a catalogue of the test's own. */
export class ProducerUnderTest {
  private constructor(
    private readonly service: RunningService,
    private readonly lines: readonly string[],
  ) {}

  /** Over the servers under test, when it has found the schemas: the catalogue must be applied. */
  static async startReady(
    catalogue: Catalogue,
    settings: Record<string, string> = {},
  ): Promise<ProducerUnderTest> {
    const started = await ProducerUnderTest.start(catalogue, serversUnderTest(), settings);
    await waitFor('the producer to be ready', () => started.isReady());
    return started;
  }

  /** Not ready yet: it looks up the schemas in the background. */
  static async start(
    catalogue: Catalogue,
    servers: { readonly brokers: readonly string[]; readonly registryUrl: string },
    settings: Record<string, string> = {},
  ): Promise<ProducerUnderTest> {
    const env = {
      KAFKA_BROKERS: servers.brokers.join(','),
      SCHEMA_REGISTRY_URL: servers.registryUrl,
      PORT: '0',
      ...settings,
    };
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const log = createLogger({ name: 'producer', level: 'warn', destination });
    const parsed = parseConfiguration(configuration, env);
    return new ProducerUnderTest(await startService(producerService(catalogue), parsed, log), lines);
  }

  async isReady(): Promise<boolean> {
    return (await fetch(`${this.url}/health/ready`)).ok;
  }

  /** What the service has logged as a warning or worse. */
  logged(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  get url(): string {
    return this.service.url;
  }

  /** Publishes one event; text is sent as it is. */
  async publish(type: string, data: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post(`/v1/events/${type}`, typeof data === 'string' ? data : JSON.stringify(data), {
      'content-type': 'application/json',
      ...headers,
    });
  }

  async post(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, { method: 'POST', body, headers });
    return {
      status: response.status,
      contentType: response.headers.get('content-type'),
      retryAfter: response.headers.get('retry-after'),
      body: (await response.json()) as Record<string, unknown>,
    };
  }

  /** Publishes a whole body of lines, and gives all answers. */
  async stream(
    body: string | Uint8Array<ArrayBuffer>,
    more: Record<string, string> = {},
  ): Promise<Record<string, unknown>[]> {
    const headers = { 'content-type': 'application/x-ndjson', ...more };
    const response = await fetch(`${this.url}/v1/events`, { method: 'POST', body, headers });
    return parseAnswers(await response.text());
  }

  close(): Promise<void> {
    return this.service.close();
  }
}

export function parseAnswers(text: string): Record<string, unknown>[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
