import { expectation, type Variable } from '@millrace/service';
import type { ServiceConfiguration } from './load-configurations';

const introduction = `# Configuration

Every service reads its environment once, when it starts, and refuses to start when a variable is missing or wrong; it
then names all of them at once. An empty variable counts as not set. This page is generated from the definitions in
\`apps/*/src/configuration.ts\`: change those, then run \`npm run generate\`.
`;

/** The text of `docs/configuration.md`: one table for each service, its variables in the order of their definition. */
export function configurationPage(configurations: readonly ServiceConfiguration[]): string {
  return [introduction, ...configurations.map(serviceSection)].join('\n');
}

function serviceSection({ service, configuration }: ServiceConfiguration): string {
  const rows = Object.entries(configuration).map(([name, variable]) =>
    [`\`${name}\``, whatItIs(variable), expectation(variable), whenNotSet(variable)].map(cell).join(' | '),
  );
  return [
    `## ${service}`,
    '',
    '| variable | what it is | accepts | when not set |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}

function whatItIs(variable: Variable): string {
  return variable.secret === true
    ? `${variable.description} Secret: it is never printed.`
    : variable.description;
}

function whenNotSet(variable: Variable): string {
  if (variable.default !== undefined) {
    return `\`${String(variable.default)}\``;
  }
  return variable.optional === true ? 'stays unset' : '**required**';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
