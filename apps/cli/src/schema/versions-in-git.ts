import type { Catalogue } from '@millrace/contracts';
import { sameSchema } from '@millrace/schema-registry';
import type { EarlierSchema, EarlierSubject } from '@millrace/schema-registry';
import { catalogueOf, readDomains } from '@millrace/schema-sources';
import { describeProblem, GitFailedError, SchemasInvalidError } from './errors';
import type { Git } from './git';

/** What a ref says of the schemas. */
export interface RefHistory {
  readonly commit: string;
  /** The catalogue at the ref. */
  readonly catalogue: Catalogue;
  /** Every version that the ref has held, by subject, oldest first. */
  readonly earlier: ReadonlyMap<string, EarlierSubject>;
  /** What was passed over, one line each. */
  readonly notes: readonly string[];
}

export interface RefHistoryOptions {
  /** A cut history is refused: versions that are not there would be compared with nobody. */
  readonly whole: boolean;
}

/**
 * The versions of every subject that a ref has held on its first-parent line. Commits before the last one whose schemas
 * cannot be read are passed over, and noted.
 * @throws GitFailedError for an unknown ref, and for a shallow clone where the whole history is asked for.
 * @throws SchemasInvalidError when the schemas at the ref cannot be read.
 */
export async function readRefHistory(git: Git, ref: string, options: RefHistoryOptions): Promise<RefHistory> {
  const commit = await git.commitOf(ref);
  if (options.whole && (await git.isShallow())) {
    const reason =
      'this clone is shallow, and a transitive level compares with every version. Fetch it all: `fetch-depth: 0` with ' +
      'actions/checkout, or `git fetch --unshallow`';
    throw new GitFailedError(`give the history of ${ref}`, reason);
  }
  const notes: string[] = [];
  const versions = new Map<string, EarlierSubject & { readonly versions: EarlierSchema[] }>();
  for (const at of await git.schemaCommits(commit)) {
    const { domains, problems } = readDomains(await git.sourcesAt(at));
    const [problem] = problems;
    if (problem === undefined) add(versions, catalogueOf(domains), `commit ${short(at)}`);
    else notes.push(`commit ${short(at)} is passed over: ${describeProblem(problem)}`);
  }
  const { domains, problems } = readDomains(await git.sourcesAt(commit));
  if (problems.length > 0) throw new SchemasInvalidError(`${ref} (commit ${short(commit)})`, problems);
  return { commit, catalogue: catalogueOf(domains), earlier: versions, notes };
}

function add(
  subjects: Map<string, EarlierSubject & { readonly versions: EarlierSchema[] }>,
  catalogue: Catalogue,
  label: string,
): void {
  for (const { subject, topic, type, schema } of catalogue.events) {
    const known = subjects.get(subject) ?? { topic, type, versions: [] };
    subjects.set(subject, known);
    const last = known.versions.at(-1);
    if (last === undefined || !sameSchema(last.schema, schema)) known.versions.push({ label, schema });
  }
}

function short(commit: string): string {
  return commit.slice(0, 8);
}
