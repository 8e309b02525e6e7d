import { httpPublisher, isPublishError } from '@millrace/client';
import type { Publisher } from '@millrace/client';
import { kafkaPublisher } from '@millrace/client-kafka';
import { FlightLanded } from '@millrace/contracts';
import type { EventType } from '@millrace/contracts';
import type { LedgerEvent, Outcome } from '../attempt';
import { dataOf, LEDGER_SOURCE, traceOf } from './event-body';

export interface ClientWaysOptions {
  readonly producerUrls: readonly string[];
  readonly timeoutMs: number;
  /** Without these addresses nothing goes straight to Kafka. */
  readonly kafka?: { readonly brokers: readonly string[]; readonly registryUrl: string };
}

/** An invalid event breaks its schema on purpose, which the type would not let through. */
const landed: EventType = FlightLanded;

/** The typed client over both of its ways into the log: what it retries by itself is one attempt. */
export class ClientWays {
  private constructor(
    private readonly http: Publisher,
    private readonly kafka: Publisher | undefined,
  ) {}

  /** @throws what `kafkaPublisher` throws */
  static async open({ producerUrls, timeoutMs, kafka }: ClientWaysOptions): Promise<ClientWays> {
    const options = { source: LEDGER_SOURCE, deadlineMs: timeoutMs };
    return new ClientWays(
      httpPublisher({ ...options, url: producerUrls }),
      kafka === undefined ? undefined : await kafkaPublisher({ ...options, ...kafka }),
    );
  }

  /** All of them at once. Never rejects. */
  send(
    events: readonly { readonly n: number; readonly event: LedgerEvent }[],
    way: 'client' | 'client-kafka',
  ): Promise<Outcome[]> {
    const publisher = way === 'client' ? this.http : (this.kafka ?? this.http);
    return Promise.all(events.map(({ n, event }) => publishOne(publisher, event, n)));
  }

  async close(): Promise<void> {
    await Promise.all([this.http.close(), this.kafka?.close()]);
  }
}

async function publishOne(publisher: Publisher, event: LedgerEvent, n: number): Promise<Outcome> {
  try {
    const options = { id: event.id, traceparent: traceOf(n) };
    const { position } = await publisher.publish(landed, dataOf(event), options);
    return { outcome: 'acknowledged', position };
  } catch (error) {
    if (!isPublishError(error) || error.outcome === 'unknown') {
      return { outcome: 'unknown', reason: error instanceof Error ? error.message : String(error) };
    }
    const status = error.outcome === 'refused' ? 422 : 503;
    return { outcome: 'refused', status, type: error.code };
  }
}
