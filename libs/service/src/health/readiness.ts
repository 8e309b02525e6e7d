/** One thing a service must reach to do its work. */
export interface ReadinessCheck {
  /** Names the thing in the answer of `/health/ready`: `kafka`, `postgres`. */
  readonly name: string;
  /** How long the check may take before it counts as failed. 2 s by default. */
  readonly timeoutMs?: number;
  /** Resolves when the thing can really be reached, with details worth showing; rejects with the reason otherwise. */
  check(): Promise<Record<string, unknown> | undefined> | Promise<void>;
}

export type ReadinessResult =
  | { readonly status: 'up'; readonly details: Record<string, unknown> }
  | { readonly status: 'down'; readonly reason: string };

const defaultTimeoutMs = 2_000;

/** Runs one check within its time. Never rejects: a failure becomes the reason of a `down`. */
export async function runReadinessCheck(check: ReadinessCheck): Promise<ReadinessResult> {
  const timeoutMs = check.timeoutMs ?? defaultTimeoutMs;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    const answer = async (): Promise<unknown> => check.check();
    const details = (await Promise.race([answer(), late])) as Record<string, unknown> | undefined;
    return { status: 'up', details: details ?? {} };
  } catch (error) {
    return { status: 'down', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
