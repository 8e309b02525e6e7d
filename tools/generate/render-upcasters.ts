import type { Domain, SourceFile, SourceProblem } from '@millrace/schema-sources';
import { generatedHeader, topicsName } from './render-domain';

/** What a domain may have beside its schemas: `export const upcasters = [defineUpcaster({ … })]`. */
export const upcastersFile = 'upcasters.ts';

const IMPORT = /\bfrom\s+(['"])([^'"]+)\1|\bimport\s*\(?\s*(['"])([^'"]+)\3/g;
const CONTRACTS = '@millrace/contracts';
const EXPORT = /^export const upcasters\b/m;

/** Domains with upcasters, and what is wrong with their files. */
export function readUpcasters(
  domains: readonly Domain[],
  sources: readonly SourceFile[],
): { readonly upcasters: ReadonlyMap<Domain, string>; readonly problems: readonly SourceProblem[] } {
  const upcasters = new Map<Domain, string>();
  const problems: SourceProblem[] = [];
  for (const domain of domains) {
    const source = sources.find(({ path }) => path === `schemas/${domain.name}/${upcastersFile}`);
    if (source === undefined) continue;
    upcasters.set(domain, source.text);
    problems.push(...problemsOf(source));
  }
  return { upcasters, problems };
}

/** The text of generated/<domain>-upcasters.ts: the file itself, beside what it is compiled with. */
export function renderUpcasters(text: string): string {
  const inPlace = text.replaceAll(/(['"])@millrace\/contracts\1/g, "'../upcaster'");
  return `${generatedHeader}\n${inPlace}`;
}

/** The name under which the catalogue imports a domain's upcasters. */
export function upcastersName(domain: Domain): string {
  return topicsName(domain).replace(/Topics$/, 'Upcasters');
}

/** An upcaster must be a function of the old event alone: what it could import would be a way out. */
function problemsOf({ path, text }: SourceFile): SourceProblem[] {
  const imported = [...text.matchAll(IMPORT)].map((match) => match[2] ?? match[4] ?? '');
  const others = imported.filter((name) => name !== CONTRACTS);
  return [
    ...others.map((name) => ({
      ...{ file: path, at: '' },
      message: `imports ${name}; an upcaster is a function of the old event alone, and imports nothing but defineUpcaster of ${CONTRACTS}`,
    })),
    ...(EXPORT.test(text)
      ? []
      : [{ file: path, at: '', message: 'expected `export const upcasters = [defineUpcaster({ … }), …]`' }]),
  ];
}
