import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Attempt, AttemptLine, OutcomeLine, SentLine } from './attempt';

const NEVER = { outcome: 'unknown', reason: 'no outcome was written' } as const;

/**
 * The attempts of a file, in the order they were sent. A last line that was cut short, as by a kill, is passed over: what
 * it would have said counts as unknown.
 * @throws Error naming the line when another one cannot be read, or has an outcome of an attempt that was never sent.
 */
export async function readAttempts(path: string): Promise<Attempt[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    lines.push(line);
  }
  return mergeAttempts(lines, path);
}

/** The same for the lines themselves. */
export function mergeAttempts(lines: readonly string[], path = 'the attempts'): Attempt[] {
  const attempts = new Map<number, Attempt>();
  lines.forEach((text, index) => {
    const line = parse(text);
    if (line === undefined) {
      if (index === lines.length - 1) return;
      throw new Error(`${path}:${index + 1} is no line of an attempt: ${text.slice(0, 100)}`);
    }
    if (!('outcome' in line)) {
      attempts.set(line.n, sent(line, index));
      return;
    }
    const attempt = attempts.get(line.n);
    if (attempt === undefined)
      throw new Error(`${path}:${index + 1} has an outcome of attempt ${line.n}, not sent`);
    attempts.set(line.n, { ...attempt, outcome: outcomeOf(line), at: line.at, outcomeLine: index });
  });
  return [...attempts.values()];
}

function parse(text: string): AttemptLine | undefined {
  try {
    const line = JSON.parse(text) as AttemptLine | null;
    return typeof line?.n === 'number' ? line : undefined;
  } catch {
    return undefined;
  }
}

function sent(line: SentLine, index: number): Attempt {
  return { ...line, outcome: NEVER, at: undefined, sentLine: index, outcomeLine: Infinity };
}

function outcomeOf({ n: _n, at: _at, ...outcome }: OutcomeLine): Attempt['outcome'] {
  return outcome;
}
