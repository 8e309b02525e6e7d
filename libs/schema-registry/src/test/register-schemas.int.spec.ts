import { readRegistryIdentity, registerSchemas, registryIdentity } from '../index';
import { eventTypeOf } from './all-types';
import { catalogueOf, freshEvent, registry } from './registry-fixtures';

describe('registering the schemas of a catalogue', () => {
  it('gives every subject an id, and the same one again', async () => {
    const catalogue = catalogueOf(freshEvent([{ name: 'x', type: 'int' }]));
    const first = await registerSchemas(catalogue, registry);
    expect([...first.keys()]).toEqual(catalogue.events.map((event) => event.subject));
    expect(await registerSchemas(catalogue, registry)).toEqual(first);
  });

  it('gives one id when eight processes do it at once', async () => {
    // Several rounds: what a registry does with two first requests at once depends on their timing.
    for (let round = 0; round < 5; round += 1) {
      const own = catalogueOf(freshEvent([{ name: 'x', type: 'int' }]));
      const results = await Promise.all(Array.from({ length: 8 }, () => registerSchemas(own, registry)));
      expect(new Set(results.flatMap((ids) => [...ids.values()])).size).toBe(1);
    }
  });

  it('sets the compatibility that the topic declares, so that the registry guards it as well', async () => {
    const event = freshEvent([{ name: 'x', type: 'int' }]);
    await registerSchemas(catalogueOf(event), registry);
    const incompatible = eventTypeOf([
      { name: 'x', type: 'int' },
      { name: 'y', type: 'string' },
    ]).schema;
    await expect(registry.register(event.subject, incompatible, 'FULL_TRANSITIVE')).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      context: { subject: event.subject, reason: expect.stringContaining('/fields/1') as string },
    });
  });

  it('accepts a field with a default, and refuses one without, naming the subject and the reason', async () => {
    const event = freshEvent([{ name: 'x', type: 'int' }]);
    await registerSchemas(catalogueOf(event), registry);
    const y = { name: 'y', type: 'string', default: '' };
    await registerSchemas(catalogueOf(freshEvent([{ name: 'x', type: 'int' }, y], event.topic)), registry);
    const z = { name: 'z', type: 'string' };
    const worse = catalogueOf(freshEvent([{ name: 'x', type: 'int' }, y, z], event.topic));
    await expect(registerSchemas(worse, registry)).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      context: { subject: event.subject, reason: expect.stringContaining('z') as string },
    });
  });

  it('refuses a change of meaning that the registry lets through', async () => {
    const event = freshEvent([{ name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } }]);
    await registerSchemas(catalogueOf(event), registry);
    const micros = [{ name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } }];
    await expect(
      registerSchemas(catalogueOf(freshEvent(micros, event.topic)), registry),
    ).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
    });
  });

  it('lets a topic without compatibility change as it likes', async () => {
    const event = freshEvent([{ name: 'x', type: 'int' }]);
    const before = await registerSchemas(catalogueOf(event, 'NONE'), registry);
    const after = await registerSchemas(
      catalogueOf(freshEvent([{ name: 'x', type: 'string' }], event.topic), 'NONE'),
      registry,
    );
    expect(after.get(event.subject)).not.toBe(before.get(event.subject));
  });
});

describe('the identity of a registry', () => {
  it('is one uuid for everybody who asks, at once or later', async () => {
    const identities = await Promise.all(Array.from({ length: 8 }, () => registryIdentity(registry)));
    expect(new Set(identities).size).toBe(1);
    expect(identities[0]).toMatch(/^[\da-f-]{36}$/);
    expect(await readRegistryIdentity(registry)).toBe(identities[0]);
  });
});
