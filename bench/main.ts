/** `npm run bench -- publish`, `deliver` or `project`: ours beside what a team would otherwise use, alternately, in one run. */
import { deliver } from './deliver/deliver';
import { parseOptions } from './options';
import { project } from './project/project';
import { publish } from './publish/publish';
import type { Suite } from './suite';

const suites: readonly Suite[] = [publish, deliver, project];
const names = suites.map(({ name }) => name).join('|');

async function main([what, ...args]: readonly string[]): Promise<number> {
  const wanted = suites.find(({ name }) => name === what);
  if (wanted === undefined && (what === undefined || what === '--help' || what === '-h')) {
    print(help(suites));
    return 0;
  }
  if (wanted === undefined)
    throw new Error(`expected: npm run bench -- ${names}; got ${what}. --help says more.`);
  const figures = wanted.figures.map(({ name }) => name);
  const options = parseOptions(args, figures, wanted.defaults);
  if (options.help) print(help([wanted]));
  else await wanted.run(options, print);
  return 0;
}

function help(of: readonly Suite[]): string {
  return `npm run bench -- ${of.map(({ name }) => name).join('|')} [options]

Starts Kafka, the registry and PostgreSQL, measures ours and its peers alternately, and prints for each figure the median and
the spread of every contestant, and one line for programs: BENCH {"name":…,"unit":…,"ours":…,"peers":{…},"ratio":{…}}.

  --rounds N      counted rounds of each contestant
  --events N      events of a round of the figures that measure a rate
  --only a,b      these figures alone
  --order O       of project: time (as they happen; default) or pairs (each landing right after its departure)
  --help          this text
${of.map(helpOf).join('')}`;
}

function helpOf({ name, defaults: { rounds, events }, warmUp, figures }: Suite): string {
  const lines = figures.map((figure) => `  ${figure.name.padEnd(16)}${figure.what}`);
  return `
${name}: ${rounds} rounds of ${events} events by default; ${warmUp}
${lines.join('\n')}
`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
