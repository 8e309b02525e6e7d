import { randomUUID } from 'node:crypto';
import { EventCodec, readTopicSchemas, registerSchemas, RegistryHistory } from '../index';
import { catalogueOf, freshEvent, registry, registryUrl } from './registry-fixtures';

const history = new RegistryHistory({ url: registryUrl() });
const id = { name: 'id', type: 'string' };
const count = { name: 'count', type: 'int' };

/** Deletes as an operator does; a second time with `?permanent=true` it is for good. */
async function remove(path: string): Promise<void> {
  const response = await fetch(`${registryUrl()}/subjects/${path}`, { method: 'DELETE' });
  expect([path, response.status]).toEqual([path, 200]);
}

async function register(event: ReturnType<typeof freshEvent>): Promise<number> {
  return (await registerSchemas(catalogueOf(event, 'NONE'), registry)).get(event.subject)!;
}

const read = (event: ReturnType<typeof freshEvent>) =>
  readTopicSchemas(event.topic, { catalogue: catalogueOf(event), history });

describe('what was ever registered for a topic', () => {
  it('is every version, and each can be read or says why not, as the codec says it', async () => {
    const unreadable = freshEvent([{ name: 'id', type: 'int' }]);
    const first = await register(unreadable);
    const present = freshEvent([id], unreadable.topic);
    const second = await register(present);
    const { subject } = present;
    expect(await read(present)).toEqual([
      {
        subject,
        version: 1,
        schemaId: first,
        eventType: 'specs.Thing',
        problem: expect.stringContaining('int') as string,
      },
      { subject, version: 2, schemaId: second, eventType: 'specs.Thing' },
    ]);
    const writer = new EventCodec(catalogueOf(unreadable), registry);
    await writer.prepare();
    const value = writer.encode(unreadable, { id: 7 });
    const codec = new EventCodec(catalogueOf(present), registry);
    await codec.ensureDecodable(present.topic, [value]);
    expect(() => codec.decode(present.topic, value)).toThrow(/cannot be read/);
  });

  it('has the versions that were deleted, until they are deleted for good', async () => {
    const old = freshEvent([{ ...count, type: 'string' }]);
    const schemaId = await register(old);
    const present = freshEvent([count], old.topic);
    await register(present);
    await remove(`${old.subject}/versions/1`);
    expect(await read(present)).toMatchObject([
      { version: 1, schemaId, problem: expect.stringContaining('string') as string },
      { version: 2 },
    ]);
    await remove(`${old.subject}/versions/1?permanent=true`);
    expect((await read(present)).map(({ version }) => version)).toEqual([2]);
  });

  it('has the subjects that were deleted as a whole, and does not claim that they can be read', async () => {
    const event = freshEvent([id]);
    await register(event);
    await remove(event.subject);
    const { subject } = event;
    expect(await read(event)).toEqual([
      {
        subject,
        version: 1,
        eventType: 'specs.Thing',
        problem: expect.stringContaining('deleted') as string,
      },
    ]);
  });

  it('names event types that the catalogue does not have', async () => {
    const event = freshEvent([id]);
    await register(event);
    const other = { ...event.schema, name: 'Other' };
    await registry.register(`${event.topic}-specs.Other`, other, 'NONE');
    expect(await read(event)).toMatchObject([
      {
        subject: `${event.topic}-specs.Other`,
        eventType: 'specs.Other',
        problem: `the catalogue has no event type specs.Other in ${event.topic}`,
      },
      { subject: event.subject, eventType: 'specs.Thing' },
    ]);
  });

  it('is nothing of a topic whose name begins the same, nor the schemas of keys', async () => {
    const event = freshEvent([id]);
    const neighbour = freshEvent([id], `${event.topic}-late`);
    for (const subject of [neighbour.subject, `${event.topic}-key`, `${event.topic}s-specs.Thing`]) {
      await registry.register(subject, neighbour.schema, 'NONE');
    }
    expect(await read(event)).toEqual([]);
    expect((await read(neighbour)).map(({ subject }) => subject)).toEqual([neighbour.subject]);
  });

  it('is found behind more subjects than the registry gives at once', async () => {
    const stem = `specs-${randomUUID()}`;
    const { schema } = freshEvent([id]);
    const subjects = Array.from({ length: 12 }, (_, index) => `${stem}-x.T${index}`);
    for (const subject of subjects) await registry.register(subject, schema, 'NONE');
    const listed = new Set(await new RegistryHistory({ url: registryUrl(), pageSize: 5 }).subjects());
    expect(subjects.filter((subject) => !listed.has(subject))).toEqual([]);
  });

  it('is not known when the registry does not answer, or the address is another', async () => {
    const { topic } = freshEvent([id]);
    const ask = (url: string) =>
      readTopicSchemas(topic, {
        catalogue: { topics: [], events: [] },
        history: new RegistryHistory({ url }),
      });
    await expect(ask('http://127.0.0.1:1/apis/ccompat/v7')).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
    });
    await expect(ask(new URL('/nowhere', registryUrl()).href)).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
    });
  });
});
