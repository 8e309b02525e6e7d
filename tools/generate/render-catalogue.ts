import type { Domain } from '@millrace/schema-sources';
import { generatedHeader, topicsName } from './render-domain';
import { upcastersName } from './render-upcasters';

/** The text of generated/catalogue.ts; with no domains it is the empty catalogue. `lifting`: those that have upcasters. */
export function renderCatalogue(domains: readonly Domain[], lifting: readonly Domain[]): string {
  const imports = domains.map((domain) => {
    return `import { ${[...eventNames(domain), topicsName(domain)].join(', ')} } from './${domain.name}';`;
  });
  const topics = domains.map((domain) => `...${topicsName(domain)}`);
  const events = domains.flatMap(eventNames);
  const lifted = lifting.map((domain) => {
    return `import { upcasters as ${upcastersName(domain)} } from './${domain.name}-upcasters';`;
  });
  const upcasters = lifting.map((domain) => `...${upcastersName(domain)}`);
  const members = [
    `topics: [${topics.join(', ')}]`,
    `events: [${events.join(', ')}]`,
    ...(upcasters.length === 0 ? [] : [`upcasters: [${upcasters.join(', ')}]`]),
  ];
  return [
    generatedHeader,
    ["import type { Catalogue } from '../catalogue';", ...imports, ...lifted].join('\n'),
    `/** Every topic and every event type under schemas/. */
    export const catalogue: Catalogue = { ${members.join(', ')} };\n`,
  ].join('\n\n');
}

const openMark = '// <generated>';
const closeMark = '// </generated>';

/** The text of libs/contracts/src/index.ts with its marked part rewritten; what people wrote around it stays. */
export function renderIndex(current: string, domains: readonly Domain[]): string {
  const open = current.indexOf(openMark);
  const close = current.indexOf(closeMark);
  if (open === -1 || close < open) {
    throw new Error(
      `libs/contracts/src/index.ts: expected a part between ${openMark} and ${closeMark} to rewrite`,
    );
  }
  const openLine = current.slice(open, current.indexOf('\n', open));
  const exports = domains.flatMap((domain) => {
    const events = eventNames(domain);
    const others = domain.types
      .filter((type) => type.shape.kind === 'record' || type.shape.kind === 'enum')
      .map((type) => type.shortName)
      .filter((name) => !events.includes(name));
    return [
      ...(events.length === 0 ? [] : [`export { ${events.join(', ')} } from './generated/${domain.name}';`]),
      ...(others.length === 0
        ? []
        : [`export type { ${others.join(', ')} } from './generated/${domain.name}';`]),
    ];
  });
  const part = [openLine, "export { catalogue } from './generated/catalogue';", ...exports, closeMark].join(
    '\n',
  );
  return current.slice(0, open) + part + current.slice(close + closeMark.length);
}

/** Constants and interfaces share their names, so one export of the name covers both. */
function eventNames(domain: Domain): string[] {
  return domain.topics.flatMap((topic) => topic.events.map((event) => event.shortName));
}
