import type { Catalogue, Compatibility, EventType } from '@millrace/contracts';
import { levelOf } from '../compatibility/check-catalogue';
import { checkCompatibility, versionsCompared } from '../compatibility/check-compatibility';
import type { EarlierSchema } from '../compatibility/check-compatibility';
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
    ids.set(event.subject, await registerOne(event, levelOf(catalogue, event.topic), registry));
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
  await assertCompatible(event, compatibility, registry);
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
 * decimal change its scale. Our own check refuses those, so it is asked first, before such a schema is out.
 */
async function assertCompatible(
  event: EventType,
  compatibility: Compatibility,
  registry: RegistryClient,
): Promise<void> {
  const versions = versionsCompared(compatibility, await registry.versions(event.subject));
  const earlier: EarlierSchema[] = [];
  for (const version of versions) {
    const registered = await registry.findVersion(event.subject, version);
    if (registered !== undefined) {
      earlier.push({ label: `version ${version}`, schema: parseAvro(registered) });
    }
  }
  const [first] = checkCompatibility(compatibility, event.schema, earlier);
  if (first === undefined) return;
  const { path, message, advice } = first;
  throw new SchemaIncompatibleError(event.subject, `${path}: ${message}`, { advice });
}
