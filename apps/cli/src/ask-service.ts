/** The part of `fetch` that is needed. */
export type Fetcher = (url: string, init: RequestInit) => Promise<Response>;

export interface ServiceAnswer {
  readonly status: number;
  readonly ok: boolean;
  /** The JSON object that was answered; `undefined` when it was something else. */
  readonly body: object | undefined;
}

/** Asks a service for `/v1/<path>` below its URL. Throws whatever `fetch` throws; `whyUnanswered` says it in words. */
export async function askService(
  fetcher: Fetcher,
  { url, path, init }: { readonly url: string; readonly path: string; readonly init: RequestInit },
): Promise<ServiceAnswer> {
  const response = await fetcher(`${url.replace(/\/+$/, '')}/v1/${path}`, init);
  return { status: response.status, ok: response.ok, body: parseObject(await response.text()) };
}

/** Why there was no answer: what the innermost error says. */
export function whyUnanswered(cause: unknown): string {
  const { name, message } = innermost(cause);
  return name === 'TimeoutError' ? 'no answer in time' : message;
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Node wraps what went wrong: `fetch failed`, and for a name with several addresses a list of attempts. */
function innermost(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  return error.cause === undefined ? error : innermost(error.cause);
}
