import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Polls until the check gives something other than `undefined` or `false`, and gives that. An error of the check
 * counts as not yet.
 * @throws Error naming what was waited for, with the last answer or error, when the time is over.
 */
export async function waitFor<Result>(
  what: string,
  check: () => Promise<Result | undefined | false> | Result | undefined | false,
  timeoutMs = 30_000,
): Promise<Result> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const result = await check();
      if (result !== undefined && result !== false) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const said = last instanceof Error ? `; the last error: ${last.message}` : '';
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}${said}`, { cause: last });
    }
    await sleep(POLL_MS);
  }
}
