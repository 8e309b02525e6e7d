import { setTimeout as sleep } from 'node:timers/promises';
import { httpPublisher } from '../index';
import type { HttpPublisherOptions, Published, PublishError, Publisher, PublishOptions } from '../index';
import { ScriptedProducer } from './scripted-producer';
import type { Reply } from './scripted-producer';
import { Reading } from './trial-events';

/** Gives the tests of a file a publisher each, which is closed after the test. */
export function useTrialPublisher(): TrialPublisher {
  const trial = new TrialPublisher();
  afterEach(() => trial.close());
  return trial;
}

/** A publisher of a test, against a producer whose answers are scripted. */
export class TrialPublisher {
  /** Those that `open` made last. */
  producer!: ScriptedProducer;
  publisher!: Publisher;

  readonly open = async (
    script: readonly Reply[],
    options: Partial<HttpPublisherOptions> = {},
  ): Promise<void> => {
    this.producer = await ScriptedProducer.start(...script);
    this.publisher = this.publisherTo(this.producer.url, options);
  };

  async close(): Promise<void> {
    await this.publisher.close({ withinMs: 0 });
    this.producer.stop();
  }

  /** With one connection and short waits, unless the test says otherwise. */
  publisherTo(url: HttpPublisherOptions['url'], options: Partial<HttpPublisherOptions> = {}): Publisher {
    const backoff = { initialMs: 1, maxMs: 5 };
    return httpPublisher({ url, source: '/specs', backoff, connections: 1, ...options });
  }

  readonly publish = (id: string, options: PublishOptions = {}, meter = 'm1'): Promise<Published> =>
    this.publisher.publish(Reading, { meter }, { id, ...options });

  /** Resolves when so many requests have come to the producer. */
  readonly arrived = async (requests: number): Promise<void> => {
    for (const deadline = Date.now() + 5_000; this.producer.requests.length < requests;) {
      if (Date.now() > deadline)
        throw new Error(`${this.producer.requests.length} of ${requests} requests arrived`);
      await sleep(2);
    }
  };
}

/** What a call was rejected with; it must not succeed. */
export function failureOf(call: Promise<unknown>): Promise<PublishError> {
  return call.then(
    (value) => expect(value).toBe('a failure') as never,
    (error: unknown) => error as PublishError,
  );
}
