import { readDomain, unusedTypes } from './domain';
import type { Domain, ParsedDomain } from './domain';
import { parseSchemas } from './parse-schemas';
import type { SourceFile, SourceProblem } from './source-problem';

/**
 * Reads every domain under schemas/ and checks them against each other. Without problems the domains can be used. Pure:
 * `sources` are the .avsc and topics.yaml files with their paths from the workspace root, in any order.
 */
export function readDomains(sources: readonly SourceFile[]): {
  domains: Domain[];
  problems: SourceProblem[];
} {
  const problems: SourceProblem[] = [];
  const parsed: ParsedDomain[] = [];
  const names = [...new Set(sources.map((source) => source.path.split('/')[1] ?? ''))].sort();
  for (const name of names) {
    if (!/^[a-z][a-z0-9-]*$/.test(name) || name === 'catalogue') {
      problems.push({
        file: `schemas/${name}`,
        at: '',
        message: 'expected a folder in kebab-case that is not called `catalogue`',
      });
      continue;
    }
    const files = sources
      .filter((source) => source.path.startsWith(`schemas/${name}/`))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    const read = parseSchemas(files.filter((file) => file.path.endsWith('.avsc')));
    problems.push(...read.problems);
    parsed.push({ name, files, types: read.types });
  }
  const all = new Map(parsed.flatMap(({ types }) => types.map((type) => [type.fullName, type] as const)));
  const domains = parsed.map((each) => {
    const read = readDomain(each, all);
    problems.push(...read.problems);
    return read.domain;
  });
  problems.push(...findCollisions(domains));
  // A topics.yaml that cannot be read names nothing, and everything would seem to be unused.
  if (problems.length === 0) problems.push(...unusedTypes(domains));
  return { domains, problems };
}

/** Topics, event types and TypeScript names are unique in the whole workspace. */
function findCollisions(domains: readonly Domain[]): SourceProblem[] {
  const owners = new Map<string, string>();
  const problems: SourceProblem[] = [];
  const claim = (what: string, domain: Domain, advice: string): void => {
    const owner = owners.get(what);
    if (owner === undefined) owners.set(what, domain.name);
    else
      problems.push({
        file: `schemas/${domain.name}`,
        at: '',
        message: `${what} is declared in \`${owner}\` already: ${advice}`,
      });
  };
  for (const domain of domains) {
    for (const topic of domain.topics) {
      claim(`topic \`${topic.declared.name}\``, domain, 'one domain owns a topic');
      for (const event of topic.events)
        claim(`event type \`${event.fullName}\``, domain, 'an event type belongs to one topic');
    }
    for (const type of domain.types) {
      claim(
        `type name \`${type.shortName}\``,
        domain,
        'libs/contracts exports every type under its short name',
      );
    }
  }
  return problems;
}
