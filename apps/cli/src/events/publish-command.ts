import { defineConfiguration, parseConfiguration } from '@millrace/service';
import { Command } from 'commander';
import { producerVariables } from '../configuration';
import { print, printed } from '../print';
import { eventLines } from './event-lines';
import type { PublishSource } from './event-lines';
import { publishLines } from './publish-lines';
import type { PublishAnswer } from './publish-lines';
import { PublishProgress } from './publish-progress';

interface PublishOptions extends Omit<PublishSource, 'file'> {
  readonly json?: boolean;
}

const help = `
Lines are CloudEvents in JSON, {"type":…,"id":…,"data":{…}}; with --type they are the data alone. An event without an
id gets a new one, and is a new event each time that it is sent: choose ids if you may have to send a file again.
Progress and what was refused go to standard error; standard output has a summary, or with --json every answer.

Exit codes:
  0    every event is in the log
  1    the producer did not answer, or broke off: what has no answer may or may not be in the log
  2    at least one event was refused; the others are in the log
  130  Ctrl-C: what has no answer may or may not be in the log

Examples:
  millrace events publish --type flights.FlightLanded --id demo-1-landed \\
    --data '{"flightId":"demo-1","origin":"SEA","destination":"SFO","delayMinutes":75}'
  millrace events publish events.ndjson
  zcat events.ndjson.gz | millrace events publish --json > answers.ndjson
  millrace events publish --type flights.FlightLanded landings.ndjson`;

/** `millrace events publish`. */
export function publishCommand(): Command {
  return new Command('publish')
    .description(
      'publish events through the producer: one from the arguments, or a file or standard input of one a line',
    )
    .argument('[file]', 'lines of JSON; `-`, or nothing, is standard input')
    .option('--type <type>', 'the event type; lines are then the data alone')
    .option('--data <json>', 'the data of one event')
    .option('--id <id>', 'of the one event')
    .option('--source <uri>', 'of the event, or of all with --type')
    .option('--time <time>', 'of the one event, RFC 3339')
    .option('--subject <subject>', 'of the one event')
    .option('--json', 'print every answer of the producer as JSON')
    .addHelpText('after', help)
    .action(async (file: string | undefined, options: PublishOptions) => {
      process.exitCode = await publish({ ...options, ...(file === undefined ? {} : { file }) });
    });
}

async function publish({ json = false, ...source }: PublishOptions & PublishSource): Promise<number> {
  const { PRODUCER_URL: url } = parseConfiguration(defineConfiguration(producerVariables), process.env);
  const lines = eventLines(source);
  const progress = new PublishProgress();
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop);
  let last: PublishAnswer | undefined;
  const onAnswer = async (answer: PublishAnswer): Promise<void> => {
    last = answer;
    if (answer.problem === undefined) progress.published += 1;
    else {
      progress.refused += 1;
      progress.say(refusal(answer));
    }
    progress.tick();
    if (json) await printed(JSON.stringify(answer));
  };
  try {
    const summary = await publishLines(lines, { url, onAnswer, signal: stopped.signal });
    progress.clear();
    const { published, refused } = summary;
    if (json) print(JSON.stringify({ summary }));
    else if (published === 1 && last?.position !== undefined)
      print(`published ${last.id ?? ''} at ${last.position}`);
    else print(`${published} published, ${refused} refused`);
    return progress.refused > 0 || refused > 0 ? 2 : 0;
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    progress.say(`stopped: ${progress.toString()}; what has no answer may or may not be in the log`);
    return 130;
  } finally {
    progress.clear();
    process.off('SIGINT', stop);
    process.stdin.destroy();
  }
}

function refusal({ line, problem }: PublishAnswer): string {
  const name = problem?.type?.replace('urn:millrace:problem:', '') ?? 'refused';
  return `${line === undefined ? '' : `line ${line}: `}${name}: ${problem?.detail ?? problem?.title ?? 'without a reason'}`;
}
