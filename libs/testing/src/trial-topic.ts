import type { Catalogue, EventType } from '@millrace/contracts';
import { encodeEventHeaders, formatPosition, partitionFor } from '@millrace/event';
import { createKafkaClient, LogWriter } from '@millrace/kafka';
import { EventCodec, RegistryClient } from '@millrace/schema-registry';
import { applyCatalogue } from './apply-catalogue';
import { declaredTopic } from './declared-topic';
import { serversUnderTest } from './servers-under-test';
import { silentLogger } from './silent-logger';
import { uniqueName } from './unique-name';

type Fields = readonly Readonly<Record<string, unknown>>[];
type Payload = Readonly<Record<string, unknown>>;

/** A topic of a test's own with event types of the test's own, registered, and a way to write to it. */
export class TrialTopic {
  private constructor(
    readonly name: string,
    readonly catalogue: Catalogue,
    private readonly codec: EventCodec,
    private readonly writer: LogWriter,
    private readonly partitions: number,
  ) {}

  /** `events`: the Avro fields of each event type by its name; the full name is `trial.<name>`. */
  static create(events: Readonly<Record<string, Fields>>, partitions = 3): Promise<TrialTopic> {
    return TrialTopic.of(uniqueName('trial'), events, partitions);
  }

  /** The same topic as a later release of its owner has it, with these event types alone. */
  withEvents(events: Readonly<Record<string, Fields>>): Promise<TrialTopic> {
    return TrialTopic.of(this.name, events, this.partitions);
  }

  private static async of(
    name: string,
    events: Readonly<Record<string, Fields>>,
    partitions: number,
  ): Promise<TrialTopic> {
    const catalogue = catalogueOf(name, events, partitions);
    await applyCatalogue(catalogue);
    const { brokers, registryUrl } = serversUnderTest();
    const codec = new EventCodec(catalogue, new RegistryClient({ url: registryUrl }));
    await codec.prepare();
    const kafka = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger });
    return new TrialTopic(name, catalogue, codec, new LogWriter(kafka, { log: silentLogger }), partitions);
  }

  /** One of the topic's event types. */
  event(name: string): EventType<Record<string, unknown>> {
    const found = this.catalogue.events.find(({ type }) => type === `trial.${name}`);
    if (found === undefined) throw new Error(`this trial has no event type ${name}`);
    return found as EventType<Record<string, unknown>>;
  }

  /** A key of that partition; the same one for the same `nth`. */
  keyIn(partition: number, nth = 0): string {
    for (let candidate = 0, found = 0; ; candidate++) {
      const key = `key-${candidate}`;
      if (partitionFor(Buffer.from(key), this.partitions) !== partition) continue;
      if (found === nth) return key;
      found += 1;
    }
  }

  /** Writes an event and gives its position as text. Events without a key take the partitions in turn, from the first one on. */
  async publish(
    event: string,
    key: string | null,
    payload: Payload,
    id = uniqueName('event'),
  ): Promise<string> {
    const value = this.codec.encode(this.event(event), payload);
    return this.publishValue(key, value, id);
  }

  /** Writes a record whose value may be anything, with the headers of an event; a tombstone has none. */
  async publishValue(key: string | null, value: Buffer | null, id = uniqueName('event')): Promise<string> {
    if (value === null) {
      const bytes = key === null ? null : Buffer.from(key);
      return formatPosition(
        await this.writer.append({ topic: this.name, key: bytes, value, rawHeaders: [] }),
      );
    }
    const attributes = { id, source: '/specs', type: 'trial', time: new Date(0) };
    const record = { topic: this.name, key, value, ...encodeEventHeaders(attributes) };
    return formatPosition(await this.writer.append(record));
  }

  /** Writes a record without a value and without headers, as whoever deletes a key does, and gives its position as text. */
  async publishTombstone(key: string): Promise<string> {
    const record = { topic: this.name, key: Buffer.from(key), value: null, rawHeaders: [] };
    return formatPosition(await this.writer.append(record));
  }

  close(): Promise<void> {
    return this.writer.close();
  }
}

function catalogueOf(topic: string, events: Readonly<Record<string, Fields>>, partitions: number): Catalogue {
  const types = Object.entries(events).map(([name, fields]): EventType => {
    const type = `trial.${name}`;
    const schema = { type: 'record', name, namespace: 'trial', fields } as const;
    return { type, topic, subject: `${topic}-${type}`, keyField: undefined, schema };
  });
  const definition = declaredTopic(topic, {
    partitions,
    keyField: undefined,
    compatibility: 'NONE',
    events: types.map(({ type }) => type),
  });
  return { topics: [definition], events: types };
}
