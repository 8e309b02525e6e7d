import type { Catalogue, EventType, TopicDefinition } from '@millrace/contracts';
import { declaredTopic } from '@millrace/testing';

/** A catalogue of a test's own. */
export interface Parcels {
  readonly topic: string;
  readonly sent: EventType;
  readonly weighed: EventType;
  readonly catalogue: Catalogue;
}

/** What happens to a parcel, in a topic of that name; its fields are of the types that lose digits on the way through a careless system. */
export function parcels(topic: string, more: Partial<TopicDefinition> = {}): Parcels {
  const sent = eventType(topic, 'ParcelSent', [
    { name: 'parcelId', type: 'string' },
    { name: 'tracking', type: 'long' },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 } },
    { name: 'sentAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'scannedAt', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'customerId', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'stops', type: { type: 'array', items: 'string' }, default: [] },
  ]);
  const weighed = eventType(topic, 'ParcelWeighed', [
    { name: 'parcelId', type: 'string' },
    { name: 'grams', type: 'int' },
    { name: 'note', type: 'string', default: '' },
  ]);
  const definition = declaredTopic(topic, {
    replication: { factor: 3, minInSync: 2 },
    keyField: 'parcelId',
    events: [sent.type, weighed.type],
    ...more,
  });
  return { topic, sent, weighed, catalogue: { topics: [definition], events: [sent, weighed] } };
}

function eventType(topic: string, name: string, fields: readonly Record<string, unknown>[]): EventType {
  const type = `parcels.${name}`;
  const schema = { type: 'record', name, namespace: 'parcels', fields } as const;
  return { type, topic, subject: `${topic}-${type}`, keyField: 'parcelId', schema };
}
