/** `npm run bench -- publish`: ours beside what a team would otherwise use, alternately, in one run. */
import { parseOptions } from './options';
import type { BenchOptions } from './options';
import { figureNames, publishFigures, runPublish } from './publish/publish';
import { WARM_UP_ROUNDS } from './run-figure';

const HELP = `npm run bench -- publish [options]

Starts Kafka, the registry and PostgreSQL, measures ours and its peers alternately, and prints for each figure the median and
the spread of every contestant, and one line for programs: BENCH {"name":…,"unit":…,"ours":…,"peers":{…},"ratio":{…}}.

  --rounds N      counted rounds of each contestant (default 5); ${WARM_UP_ROUNDS} more before them are not counted
  --events N      events of a round of the figures that measure a rate (default 200000)
  --only a,b      these figures alone:
${publishFigures.map(({ name, what }) => `                    ${name.padEnd(16)}${what}`).join('\n')}
  --help          this text`;

async function main([what, ...args]: readonly string[]): Promise<number> {
  if (what === undefined || what === '--help' || what === '-h') {
    print(HELP);
    return 0;
  }
  if (what !== 'publish')
    throw new Error(`expected: npm run bench -- publish; got ${what}. --help says more.`);
  const options: BenchOptions = parseOptions(args, figureNames);
  if (options.help) print(HELP);
  else await runPublish(options, print);
  return 0;
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
