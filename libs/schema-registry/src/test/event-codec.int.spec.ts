import { randomUUID } from 'node:crypto';
import type { Catalogue } from '@millrace/contracts';
import { EventCodec, registerSchemas, RegistryClient } from '../index';
import { catalogueOf, freshEvent, registry, startProxy } from './registry-fixtures';
import { catchError } from './catch-error';

const sent = freshEvent([
  { name: 'parcelId', type: 'string' },
  { name: 'sentAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
  { name: 'weightGrams', type: 'int' },
]);
const catalogue: Catalogue = catalogueOf(sent);
const parcel = { parcelId: 'p-1', sentAt: new Date('2001-01-31T12:30:00Z'), weightGrams: 250 };

describe('a codec', () => {
  it('brings an event back through the framing of Confluent', async () => {
    const ids = await registerSchemas(catalogue, registry);
    const codec = new EventCodec(catalogue, registry);
    await codec.prepare();
    const value = codec.encode(sent, parcel);
    expect(value[0]).toBe(0);
    expect(value.readUInt32BE(1)).toBe(ids.get(sent.subject));
    expect(codec.decode(sent.topic, value)).toEqual({
      eventType: sent,
      value: parcel,
      schemaId: ids.get(sent.subject),
    });
  });

  it('refuses to prepare when a schema is not registered, and names the subject and the command', async () => {
    const event = freshEvent([{ name: 'x', type: 'int' }]);
    await expect(new EventCodec(catalogueOf(event), registry).prepare()).rejects.toMatchObject({
      code: 'SCHEMA_NOT_REGISTERED',
      message: expect.stringMatching(new RegExp(`${event.subject}.*millrace schema register`)) as string,
    });
  });

  it('reads records of a version that it learns of from the log, new as well as old', async () => {
    const old = freshEvent([{ name: 'x', type: 'int' }]);
    const young = freshEvent(
      [
        { name: 'x', type: 'int' },
        { name: 'y', type: 'long', default: 7 },
      ],
      old.topic,
    );
    const [oldCodec, youngCodec] = [
      new EventCodec(catalogueOf(old), registry),
      new EventCodec(catalogueOf(young), registry),
    ];
    await registerSchemas(catalogueOf(old), registry);
    await oldCodec.prepare();
    await registerSchemas(catalogueOf(young), registry);
    await youngCodec.prepare();
    const oldValue = oldCodec.encode(old, { x: 1 });
    const youngValue = youngCodec.encode(young, { x: 1, y: 2n });
    expect(catchError(() => youngCodec.decode(old.topic, oldValue))).toMatchObject({
      code: 'SCHEMA_NOT_LOADED',
    });
    await Promise.all([
      youngCodec.ensureDecodable(old.topic, [oldValue, null]),
      oldCodec.ensureDecodable(old.topic, [youngValue]),
    ]);
    expect(youngCodec.decode(old.topic, oldValue).value).toEqual({ x: 1, y: 7n });
    expect(oldCodec.decode(old.topic, youngValue).value).toEqual({ x: 1 });
  });

  it('tells the records that nobody can read from the ones that it can, within one batch', async () => {
    await registerSchemas(catalogue, registry);
    const codec = new EventCodec(catalogue, registry);
    await codec.prepare();
    const good = codec.encode(sent, parcel);
    const unknown = Buffer.from(good);
    unknown.writeUInt32BE(2_000_000_000, 1);
    const unframed = Buffer.from('{"json":true}');
    await codec.ensureDecodable(sent.topic, [good, unknown, unframed]);
    expect(codec.decode(sent.topic, good).value).toEqual(parcel);
    expect(catchError(() => codec.decode(sent.topic, unknown))).toMatchObject({
      code: 'SCHEMA_NOT_FOUND',
      context: { schemaId: 2_000_000_000, topic: sent.topic },
    });
    expect(catchError(() => codec.decode(sent.topic, unframed))).toMatchObject({ code: 'SCHEMA_NOT_FRAMED' });
  });

  it('goes on with the schemas it knows while the registry is down, and says so for others', async () => {
    await registerSchemas(catalogue, registry);
    const proxy = await startProxy();
    const codec = new EventCodec(catalogue, new RegistryClient({ url: proxy.url, timeoutMs: 500 }));
    await codec.prepare();
    await proxy.stop();
    const value = codec.encode(sent, parcel);
    await codec.ensureDecodable(sent.topic, [value]);
    expect(codec.decode(sent.topic, value).value).toEqual(parcel);
    const other = Buffer.from(value);
    other.writeUInt32BE(1_999_999_999, 1);
    await expect(codec.ensureDecodable(sent.topic, [other])).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      retriable: true,
    });
  });

  it('forgets the oldest versions at its bound, and still decodes every record of a batch', async () => {
    const topic = `specs-${randomUUID()}`;
    const values: Buffer[] = [];
    for (let version = 0; version < 4; version += 1) {
      const fields = Array.from({ length: version + 1 }, (_, index) => ({
        name: `f${index}`,
        type: 'int',
        default: 0,
      }));
      const event = freshEvent(fields, topic);
      await registerSchemas(catalogueOf(event), registry);
      const codec = new EventCodec(catalogueOf(event), registry);
      await codec.prepare();
      values.push(codec.encode(event, { f0: version }));
    }
    const reader = new EventCodec(
      catalogueOf(freshEvent([{ name: 'f0', type: 'int', default: 0 }], topic)),
      registry,
      { maxSchemas: 2 },
    );
    for (const batch of [values.slice(0, 2), values.slice(2), values]) {
      await reader.ensureDecodable(topic, batch);
      for (const value of batch)
        expect(reader.decode(topic, value).value).toEqual({ f0: values.indexOf(value) });
    }
  });
});
