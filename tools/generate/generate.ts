import { readDomains, SchemaSourceError, typesByName } from '@millrace/schema-sources';
import type { SourceFile } from '@millrace/schema-sources';
import { format } from 'prettier';
import type { Options } from 'prettier';
import { renderCatalogue, renderIndex } from './render-catalogue';
import { renderDomain } from './render-domain';
import { readUpcasters, renderUpcasters } from './render-upcasters';

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
  const lifting = readUpcasters(domains, sources);
  const all = [...problems, ...lifting.problems];
  if (all.length > 0) throw new SchemaSourceError(all);
  const types = typesByName(domains);
  const files = [
    ...domains.map((domain) => ({
      path: `${generatedDirectory}/${domain.name}.ts`,
      text: renderDomain(domain, { types, domains }),
    })),
    ...[...lifting.upcasters].map(([domain, text]) => ({
      path: `${generatedDirectory}/${domain.name}-upcasters.ts`,
      text: renderUpcasters(text),
    })),
    {
      path: `${generatedDirectory}/catalogue.ts`,
      text: renderCatalogue(domains, [...lifting.upcasters.keys()]),
    },
    { path: indexPath, text: renderIndex(index, domains) },
  ];
  return Promise.all(
    files.map(async ({ path, text }) => ({
      path,
      text: await format(text, { ...style, parser: 'typescript' }),
    })),
  );
}
