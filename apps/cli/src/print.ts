import { once } from 'node:events';

/** Writes one line of a command's result to standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The same for many lines: resolves when whoever reads them can take more. */
export async function printed(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
