import type { Catalogue } from '@millrace/contracts';
import { belongsToTopic } from '../codec/topic-schemas';
import type { EarlierSubject } from '../compatibility/check-catalogue';
import type { EarlierSchema } from '../compatibility/check-compatibility';
import { parseAvro } from './registered-schema';
import type { RegistryClient } from './registry-client';
import type { RegistryHistory } from './registry-history';

/**
 * Every version that the registry holds for the topics of a catalogue, by subject, those of event types that the
 * catalogue no longer has included. What was deleted is left out. Changes nothing.
 * @throws RegistryUnreachableError, RegistryRefusedError
 */
export async function readRegisteredVersions(
  catalogue: Catalogue,
  { registry, history }: { readonly registry: RegistryClient; readonly history: RegistryHistory },
): Promise<Map<string, EarlierSubject>> {
  const found = new Map<string, EarlierSubject>();
  const subjects = (await history.subjects()).sort();
  for (const { name: topic } of catalogue.topics) {
    for (const subject of subjects.filter((each) => belongsToTopic(topic, each))) {
      const versions = await readVersions(subject, registry);
      if (versions.length > 0) found.set(subject, { topic, type: subject.slice(topic.length + 1), versions });
    }
  }
  return found;
}

async function readVersions(subject: string, registry: RegistryClient): Promise<EarlierSchema[]> {
  const versions: EarlierSchema[] = [];
  for (const version of await registry.versions(subject)) {
    const registered = await registry.findVersion(subject, version);
    if (registered !== undefined)
      versions.push({ label: `version ${version}`, schema: parseAvro(registered) });
  }
  return versions;
}
