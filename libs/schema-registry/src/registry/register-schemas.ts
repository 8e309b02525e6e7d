import { findTopic } from '@millrace/contracts';
import type { Catalogue, Compatibility, EventType } from '@millrace/contracts';
import { compileWriterType } from '../avro/compile-type';
import { compileEvent } from '../compiled-event';
import { SchemaIncompatibleError } from '../errors';
import { parseAvro } from './registered-schema';
import type { RegistryClient } from './registry-client';

/**
 * Registers every event type of a catalogue under its subject, with its topic's compatibility level, and returns the
 * schema ids by subject. Idempotent, and safe when several processes do it at once. Stops at the first error: an
 * event type whose schema cannot be used (SCHEMA_UNREADABLE), one that breaks its subject's compatibility
 * (SCHEMA_INCOMPATIBLE, with the reason), or a registry that does not answer.
 */
export async function registerSchemas(
  catalogue: Catalogue,
  registry: RegistryClient,
): Promise<ReadonlyMap<string, number>> {
  for (const event of catalogue.events) compileEvent(event);
  const ids = new Map<string, number>();
  for (const event of catalogue.events) {
    const compatibility = findTopic(catalogue, event.topic)?.compatibility ?? 'FULL_TRANSITIVE';
    ids.set(event.subject, await registerOne(event, compatibility, registry));
  }
  return ids;
}

async function registerOne(
  event: EventType,
  compatibility: Compatibility,
  registry: RegistryClient,
): Promise<number> {
  const { subject, schema } = event;
  await registry.setCompatibility(subject, compatibility);
  const before = await registry.lookUp(subject, schema);
  if (before !== undefined) return before.id;
  await assertReadable(event, compatibility, registry);
  try {
    return await registry.register(subject, schema, compatibility);
  } catch (error) {
    // Another process may have registered the same between our look and our try.
    const now = await registry.lookUp(subject, schema);
    if (now === undefined) throw error;
    return now.id;
  }
}

/**
 * The registry compares Avro's types and not the logical ones on them: it lets milliseconds become microseconds, or a
 * decimal change its scale. Our own resolver refuses those, so it is asked first, before such a schema is out.
 */
async function assertReadable(
  event: EventType,
  compatibility: Compatibility,
  registry: RegistryClient,
): Promise<void> {
  if (compatibility === 'NONE') return;
  const versions = await registry.versions(event.subject);
  const compared = compatibility.endsWith('_TRANSITIVE') ? versions : versions.slice(-1);
  for (const version of compared) {
    const registered = await registry.findVersion(event.subject, version);
    if (registered === undefined) continue;
    const old = { ...event, schema: parseAvro(registered) as EventType['schema'] };
    if (!compatibility.startsWith('FORWARD')) assertReads(event, old, `cannot read version ${version}`);
    if (!compatibility.startsWith('BACKWARD'))
      assertReads(old, event, `cannot be read by version ${version}`);
  }
}

function assertReads(reader: EventType, writer: EventType, what: string): void {
  const { type } = compileEvent(reader);
  try {
    type.createResolver(compileWriterType(writer.schema));
  } catch (cause) {
    throw new SchemaIncompatibleError(reader.subject, `it ${what}: ${(cause as Error).message}`, { cause });
  }
}
