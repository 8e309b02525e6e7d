import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Demo } from './demo';

const HELP = `Starts Millrace with the flights example: Kafka, the schema registry, PostgreSQL and the services, feeds
20,000 flights, and proves the read models. Stays up until Ctrl-C.

  npm start -- [options]

  --exit        stop by itself; exits with 0 only if every proof held; the last line is a JSON object
  --fresh       wipe the data of the embedded servers first
  --help        this text

To use servers of your own, set KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL, all three.`;

const DIRECTORY = '.millrace/stack';
const DEATH_NOTICE_MS = 500;

async function main(): Promise<number> {
  const options = {
    exit: { type: 'boolean' },
    fresh: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    printError(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (values.help === true) {
    print(HELP);
    return 0;
  }

  const startedAt = performance.now();
  const ending = new AbortController();
  const ended = new Promise<void>((resolve) =>
    ending.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  // npm forwards the signal that the terminal sends as well: only the first one counts.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.abort());
  let death: Error | undefined;
  const demo = new Demo({
    directory: DIRECTORY,
    fresh: values.fresh === true,
    print,
    signal: ending.signal,
    onDeath: (error) => {
      death ??= error;
      ending.abort();
    },
  });

  try {
    await demo.start();
    const result = await demo.run();
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    if (values.exit === true) {
      await demo.close();
      print(JSON.stringify({ ...result, seconds }));
      return result.equal ? 0 : 1;
    }
    print(`Up after ${seconds} s; Ctrl-C stops everything`);
    for (const line of demo.addresses()) print(`  ${line}`);
    await ended;
  } catch (error) {
    // Whoever talked to a child that dies notices before we are told of the death, which says more: wait for it.
    await Promise.race([ended, sleep(DEATH_NOTICE_MS)]);
    // An abort is how the user, or a death, ends whatever was under way: neither is an error of its own.
    if (!ending.signal.aborted) death = error instanceof Error ? error : new Error(String(error));
  }
  if (death !== undefined) printError(`Millrace failed: ${death.message}`);
  print('Stopping');
  await demo.close();
  print('Stopped');
  return death === undefined ? (values.exit === true ? 130 : 0) : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await main();
