import type { Compatibility, EventType } from '@millrace/contracts';
import { checkCompatibility, EventCodec, registerSchemas, RegistryClient } from '../index';
import { catalogueOf, freshEvent, registryUrl } from './registry-fixtures';
import { schemaChanges } from './schema-changes';
import type { SchemaChange } from './schema-changes';

// Several hundred requests, some at once: a busy machine takes its time with one of them.
const registry = new RegistryClient({ url: registryUrl(), timeoutMs: 30_000 });
const timeoutMs = 240_000;

/** What Apicurio Registry lets through and Avro's specification does not: it does not look at logical types. */
const laxer: readonly string[] = [
  'milliseconds to microseconds: BACKWARD',
  'milliseconds to microseconds: FORWARD',
  'milliseconds to local milliseconds: BACKWARD',
  'milliseconds to local milliseconds: FORWARD',
  'a date to milliseconds, though an int is promoted to a long: BACKWARD',
  'a decimal of another scale: BACKWARD',
  'a decimal of another scale: FORWARD',
  'a decimal of another precision: BACKWARD',
  'a decimal of another precision: FORWARD',
  'milliseconds to microseconds inside a union: BACKWARD',
  'milliseconds to microseconds inside a union: FORWARD',
];
/** What it refuses and Avro's specification allows. */
const stricter: readonly string[] = [];

async function registryTakes(change: SchemaChange, level: Compatibility): Promise<boolean> {
  const before = freshEvent(change.before);
  await registry.setCompatibility(before.subject, level);
  await registry.register(before.subject, before.schema, level);
  const after = freshEvent(change.after, before.topic);
  const path = `compatibility/subjects/${after.subject}/versions/latest`;
  const response = await fetch(`${registryUrl()}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(after.schema) }),
  });
  // Of an ambiguous alias it says nothing: its own library throws, and it answers with an error.
  return ((await response.json()) as { is_compatible?: boolean }).is_compatible === true;
}

function weTake(change: SchemaChange, level: Compatibility): boolean {
  const { schema } = freshEvent(change.before);
  return checkCompatibility(level, freshEvent(change.after).schema, [{ label: 'v1', schema }]).length === 0;
}

/** The results in the order of the items; four are under way at once. */
async function severalAtOnce<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += 4) {
    results.push(...(await Promise.all(items.slice(start, start + 4).map(work))));
  }
  return results;
}

async function codecOf(event: EventType): Promise<EventCodec> {
  const catalogue = catalogueOf(event, 'NONE');
  await registerSchemas(catalogue, registry);
  const codec = new EventCodec(catalogue, registry);
  await codec.prepare();
  return codec;
}

describe('every kind of schema change', () => {
  it(
    'is judged by the registry as it is here, with these exceptions',
    async () => {
      const differences: { laxer: string[]; stricter: string[] } = { laxer: [], stricter: [] };
      const pairs = schemaChanges.flatMap((change) =>
        (['BACKWARD', 'FORWARD'] as const).map((level) => ({ change, level })),
      );
      const verdicts = await severalAtOnce(pairs, ({ change, level }) => registryTakes(change, level));
      for (const [index, { change, level }] of pairs.entries()) {
        const theirs = verdicts[index]!;
        if (theirs === weTake(change, level)) continue;
        differences[theirs ? 'laxer' : 'stricter'].push(`${change.what}: ${level}`);
      }
      expect(differences).toEqual({ laxer, stricter });
    },
    timeoutMs,
  );

  it(
    'comes back through the registry as Avro says, written before and read after, and the other way',
    async () => {
      await severalAtOnce(schemaChanges, async ({ what, before, after, upgrade, downgrade }) => {
        const old = freshEvent(before);
        const young = freshEvent(after, old.topic);
        const [oldCodec, youngCodec] = [await codecOf(old), await codecOf(young)];
        if (upgrade !== undefined) {
          const value = oldCodec.encode(old, upgrade[0]);
          await youngCodec.ensureDecodable(old.topic, [value]);
          expect([what, youngCodec.decode(old.topic, value).value]).toEqual([what, upgrade[1]]);
        }
        if (downgrade !== undefined) {
          const value = youngCodec.encode(young, downgrade[0]);
          await oldCodec.ensureDecodable(old.topic, [value]);
          expect([what, oldCodec.decode(old.topic, value).value]).toEqual([what, downgrade[1]]);
        }
      });
    },
    timeoutMs,
  );
});
