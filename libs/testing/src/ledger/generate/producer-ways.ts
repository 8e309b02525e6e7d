import type { LedgerEvent, Outcome, Way } from '../attempt';
import { SeededChoices } from '../seeded-choices';
import type { ClientWays } from './client-ways';
import { lineOf } from './event-body';
import { LineStream } from './line-stream';
import { OutboxWay } from './outbox-way';
import { publishOne } from './publish-one';

export interface ProducerWaysOptions {
  /** Base addresses of the producers; each request and stream takes one of them. */
  readonly producerUrls: readonly string[];
  readonly seed: number;
  /** Streams that are open at once; each carries many keys. */
  readonly streams: number;
  /** After so long without an answer the outcome is unknown. */
  readonly timeoutMs: number;
  /** The database of the outbox; undefined when no key goes through one. */
  readonly outboxDatabaseUrl: string | undefined;
}

export interface NumberedEvent {
  readonly n: number;
  readonly event: LedgerEvent;
}

/** Few enough that streams begin and end all the time. */
const MAX_LINES = 500;

/** Every way into the log. Safe to use for many keys at once. */
export class ProducerWays {
  private readonly choices: SeededChoices;
  private readonly outbox: OutboxWay | undefined;
  private readonly open: (LineStream | undefined)[];

  constructor(
    private readonly options: ProducerWaysOptions,
    private readonly clients: ClientWays,
  ) {
    this.choices = SeededChoices.for(options.seed, 'ways');
    const { outboxDatabaseUrl: databaseUrl } = options;
    this.outbox = databaseUrl === undefined ? undefined : new OutboxWay({ ...options, databaseUrl });
    this.open = Array.from({ length: options.streams }, () => undefined);
  }

  /**
   * Sends events right after one another and gives their outcomes in that order. Over a stream and through a client all of
   * them are under way at once; single ones are sent when the one before has its outcome.
   */
  async send(events: readonly NumberedEvent[], way: Way): Promise<Outcome[]> {
    if (way === 'outbox') {
      if (this.outbox === undefined) throw new Error('a key goes through an outbox, and no outbox was named');
      return this.outbox.send(events);
    }
    if (way === 'stream') {
      const stream = this.stream();
      return Promise.all(events.map(({ n, event }) => stream.send(lineOf(event, n))));
    }
    if (way !== 'single') return this.clients.send(events, way);
    const outcomes: Outcome[] = [];
    for (const { n, event } of events) {
      const { timeoutMs } = this.options;
      outcomes.push(await publishOne(this.producerUrl(), event, { n, timeoutMs }));
    }
    return outcomes;
  }

  /** Ends the streams, the clients and the connections to the outbox; what was sent still gets its outcome. */
  async close(): Promise<void> {
    for (const stream of this.open) stream?.end();
    await Promise.all([this.clients.close(), this.outbox?.close()]);
  }

  private stream(): LineStream {
    const slot = this.choices.between(0, this.open.length - 1);
    const current = this.open[slot];
    if (current?.isOpen === true) return current;
    current?.end();
    const { timeoutMs } = this.options;
    return (this.open[slot] = new LineStream(this.producerUrl(), { timeoutMs, maxLines: MAX_LINES }));
  }

  private producerUrl(): string {
    return this.choices.pick(this.options.producerUrls);
  }
}
