import { format } from 'prettier';
import type { Options } from 'prettier';
import { readDomain } from './domain';
import type { Domain } from './domain';
import { renderCatalogue, renderIndex } from './render-catalogue';
import { renderDomain } from './render-domain';
import { SchemaSourceError } from './source-problem';
import type { SourceFile, SourceProblem } from './source-problem';

export const contractsDirectory = 'libs/contracts/src';
export const generatedDirectory = `${contractsDirectory}/generated`;
export const indexPath = `${contractsDirectory}/index.ts`;

/** What code is generated from. */
export interface GenerateInput {
  /** Every file under schemas/, with its path from the workspace root. */
  readonly sources: readonly SourceFile[];
  /** The text of libs/contracts/src/index.ts as it is. */
  readonly index: string;
  /** How the workspace formats TypeScript. */
  readonly style: Options;
}

/**
 * The generated files for these sources; the same input gives the same output. Reads and writes nothing.
 * Throws SchemaSourceError with every problem of every file.
 */
export async function generate({ sources, index, style }: GenerateInput): Promise<SourceFile[]> {
  const { domains, problems } = readDomains(sources);
  problems.push(...findCollisions(domains));
  if (problems.length > 0) throw new SchemaSourceError(problems);
  const files = [
    ...domains.map((domain) => ({
      path: `${generatedDirectory}/${domain.name}.ts`,
      text: renderDomain(domain),
    })),
    { path: `${generatedDirectory}/catalogue.ts`, text: renderCatalogue(domains) },
    { path: indexPath, text: renderIndex(index, domains) },
  ];
  return Promise.all(
    files.map(async ({ path, text }) => ({
      path,
      text: await format(text, { ...style, parser: 'typescript' }),
    })),
  );
}

function readDomains(sources: readonly SourceFile[]): { domains: Domain[]; problems: SourceProblem[] } {
  const domains: Domain[] = [];
  const problems: SourceProblem[] = [];
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
    const files = sources.filter((source) => source.path.startsWith(`schemas/${name}/`));
    const read = readDomain(
      name,
      [...files].sort((a, b) => (a.path < b.path ? -1 : 1)),
    );
    domains.push(read.domain);
    problems.push(...read.problems);
  }
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
