import { setTimeout as sleep } from 'node:timers/promises';
import { directoryFor, HELP, parseCommandLine } from './command-line';
import type { CommandLine } from './command-line';
import { Demo } from './demo';

const DEATH_NOTICE_MS = 500;

async function main(): Promise<number> {
  let command: CommandLine;
  try {
    command = parseCommandLine(process.argv.slice(2));
  } catch (error) {
    printError(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (command.help) {
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
    flights: command.flights,
    directory: directoryFor(command.flights),
    fresh: command.fresh,
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
    if (command.exit) {
      await demo.close();
      print(JSON.stringify({ ...result, seconds }));
      return result.equal && result.rebuilt === 'equal' ? 0 : 1;
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
  return death === undefined ? (command.exit ? 130 : 0) : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await main();
