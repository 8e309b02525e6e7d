import type { Catalogue } from '@millrace/contracts';
import {
  checkCatalogue,
  readRegisteredVersions,
  RegistryClient,
  RegistryHistory,
} from '@millrace/schema-registry';
import type { SubjectReport } from '@millrace/schema-registry';
import { catalogueOf, readDomains } from '@millrace/schema-sources';
import { defineConfiguration, parseConfiguration, registryVariables } from '@millrace/service';
import { SchemasInvalidError } from './errors';
import { Git } from './git';
import { readSourcesOnDisk } from './sources-on-disk';
import { readRefHistory } from './versions-in-git';

/** What `millrace schema check` found. */
export interface SchemaCheck {
  readonly against:
    | { readonly kind: 'registry'; readonly url: string }
    | { readonly kind: 'git'; readonly ref: string; readonly commit: string };
  readonly compatible: boolean;
  readonly subjects: readonly SubjectReport[];
  /** What a person should know beside it, one line each. */
  readonly notes: readonly string[];
}

/** Compares schemas/ of the current directory with a git ref, or with the registry of the environment. */
export async function checkSchemas(ref: string | undefined): Promise<SchemaCheck> {
  const catalogue = await catalogueOnDisk();
  return ref === undefined ? againstRegistry(catalogue) : againstRef(catalogue, ref);
}

async function catalogueOnDisk(): Promise<Catalogue> {
  const { domains, problems } = readDomains(await readSourcesOnDisk());
  if (problems.length > 0) throw new SchemasInvalidError('the working tree', problems);
  return catalogueOf(domains);
}

async function againstRef(catalogue: Catalogue, ref: string): Promise<SchemaCheck> {
  const whole = catalogue.topics.some(({ compatibility }) => compatibility.endsWith('_TRANSITIVE'));
  const history = await readRefHistory(new Git(), ref, { whole });
  // An event type that was removed earlier was removed then; what counts is what this tree removes.
  const subjects = new Set([...catalogue.events, ...history.catalogue.events].map(({ subject }) => subject));
  const earlier = new Map([...history.earlier].filter(([subject]) => subjects.has(subject)));
  const reports = checkCatalogue(catalogue, earlier);
  return {
    against: { kind: 'git', ref, commit: history.commit },
    compatible: isCompatible(reports),
    subjects: reports,
    notes: [...history.notes, ...topicNotes(catalogue, history.catalogue)],
  };
}

async function againstRegistry(catalogue: Catalogue): Promise<SchemaCheck> {
  const { SCHEMA_REGISTRY_URL: url } = parseConfiguration(
    defineConfiguration(registryVariables),
    process.env,
  );
  const registry = new RegistryClient({ url });
  const earlier = await readRegisteredVersions(catalogue, {
    registry,
    history: new RegistryHistory({ url }),
  });
  const reports = checkCatalogue(catalogue, earlier);
  return {
    against: { kind: 'registry', url: registry.url },
    compatible: isCompatible(reports),
    subjects: reports,
    notes: [],
  };
}

function isCompatible(reports: readonly SubjectReport[]): boolean {
  return reports.every(({ status }) => status !== 'incompatible');
}

/** What no level forbids, and a reviewer should see. */
function topicNotes(catalogue: Catalogue, before: Catalogue): string[] {
  return before.topics.flatMap((old) => {
    const topic = catalogue.topics.find(({ name }) => name === old.name);
    if (topic === undefined)
      return [`topic ${old.name} is no longer declared: its event types are not compared`];
    const notes: string[] = [];
    if (topic.compatibility !== old.compatibility)
      notes.push(
        `the level of topic ${old.name} changes from ${old.compatibility} to ${topic.compatibility}`,
      );
    if (topic.keyField !== old.keyField)
      notes.push(
        `the key of topic ${old.name} changes from ${old.keyField ?? 'none'} to ${topic.keyField ?? 'none'}: ` +
          'events of one aggregate will lie in two partitions, without order between them',
      );
    return notes;
  });
}
