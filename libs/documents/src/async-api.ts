import type { Catalogue, EventType, TopicDefinition } from '@millrace/contracts';
import { eventTypesOf } from '@millrace/contracts';

export interface AsyncApiOptions {
  /** Of the system that the catalogue belongs to. */
  readonly title: string;
  readonly version: string;
}

const BINDING_VERSION = '0.5.0';
const text = { type: 'string' };

/**
 * The AsyncAPI 3 document of a catalogue: a channel for each topic, a message for each event type in it, and what a service
 * sends there. Payloads are the Avro schemas of the registry; headers are those of the CloudEvents Kafka binding. No servers:
 * which brokers there are is not the catalogue's to say.
 */
export function asyncApiDocument(catalogue: Catalogue, { title, version }: AsyncApiOptions): object {
  return {
    asyncapi: '3.0.0',
    info: { title, version },
    defaultContentType: 'application/avro',
    channels: Object.fromEntries(catalogue.topics.map((topic) => [topic.name, channel(topic, catalogue)])),
    operations: Object.fromEntries(
      catalogue.topics.map(({ name }) => [
        `publish-${name}`,
        { action: 'send', channel: { $ref: `#/channels/${name}` }, summary: `Publish an event to ${name}.` },
      ]),
    ),
    components: {
      messages: Object.fromEntries(catalogue.events.map((event) => [event.type, message(event)])),
    },
  };
}

function channel(topic: TopicDefinition, catalogue: Catalogue): object {
  const events = eventTypesOf(catalogue, topic.name);
  return {
    address: topic.name,
    description: `${topic.description} Owner: ${topic.owner}.${describeWindow(topic)}`,
    ...(topic.idempotency === undefined ? {} : { 'x-idempotency-window-ms': topic.idempotency.windowMs }),
    messages: Object.fromEntries(events.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }])),
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        replicas: topic.replication.factor,
        topicConfiguration: {
          'cleanup.policy': topic.cleanup.split(','),
          'retention.ms': topic.retentionMs === 'unlimited' ? -1 : topic.retentionMs,
        },
        bindingVersion: BINDING_VERSION,
      },
    },
  };
}

function describeWindow({ idempotency }: TopicDefinition): string {
  if (idempotency === undefined) return '';
  return ` An event that is sent again within ${idempotency.windowMs} ms, with the same source and id, is in the topic once.`;
}

function message({ type, schema, keyField }: EventType): object {
  return {
    name: type,
    ...(typeof schema['doc'] === 'string' ? { summary: schema['doc'] } : {}),
    contentType: 'application/avro',
    headers: {
      type: 'object',
      required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'content-type'],
      properties: {
        ce_specversion: { const: '1.0' },
        ce_id: { ...text, description: 'Identifies the event within its source.' },
        ce_source: { ...text, format: 'uri-reference' },
        ce_type: { const: type },
        ce_time: { ...text, format: 'date-time' },
        ce_subject: text,
        'content-type': { const: 'application/avro' },
        traceparent: { ...text, description: 'W3C trace context, when the trace is sampled.' },
      },
      patternProperties: { '^ce_[a-z0-9]{1,50}$': text },
    },
    payload: { schemaFormat: 'application/vnd.apache.avro+json;version=1.9.0', schema },
    bindings: {
      kafka: {
        ...(keyField === undefined
          ? {}
          : { key: { type: 'string', description: `The value of the field ${keyField}, as UTF-8.` } }),
        schemaIdLocation: 'payload',
        schemaIdPayloadEncoding: 'confluent',
        schemaLookupStrategy: 'TopicRecordNameStrategy',
        bindingVersion: BINDING_VERSION,
      },
    },
  };
}
