import type { Plan, Projection, Release, Rollback, Run } from './answers';
import {
  ReplayAnswerUnreadableError,
  ReplayProblemError,
  ReplayServiceUnreachableError,
} from './replay-errors';

const READ_TIMEOUT_MS = 10_000;
/** Planning reads every schema of the range, and a swap waits for its locks. */
const CHANGE_TIMEOUT_MS = 60_000;

/** The part of `fetch` that is needed. */
export type Fetcher = (url: string, init: RequestInit) => Promise<Response>;

export interface RebuildRequest {
  readonly projection: string;
  /** Default: the version that the code has. */
  readonly version?: number | undefined;
}

export type Action = 'pause' | 'resume' | 'cancel' | 'approve';

/**
 * The HTTP interface of the replay service.
 * Every call throws REPLAY_SERVICE_UNREACHABLE, REPLAY_ANSWER_UNREADABLE, or REPLAY_PROBLEM with what it was answered;
 * a call whose signal is aborted throws the signal's reason.
 */
export class ReplayClient {
  constructor(
    private readonly url: string,
    private readonly fetcher: Fetcher = fetch,
  ) {}

  plan(request: RebuildRequest): Promise<Plan> {
    return this.change('replays', { kind: 'rebuild', ...request, dryRun: true });
  }

  rebuild(request: RebuildRequest): Promise<Run> {
    return this.change('replays', { kind: 'rebuild', ...request });
  }

  list(): Promise<{ readonly replays: readonly Run[] }> {
    return this.read('replays');
  }

  run(id: number, signal?: AbortSignal): Promise<Run> {
    return this.read(`replays/${id}`, signal);
  }

  act(id: number, action: Action): Promise<Run> {
    return this.change(`replays/${id}/${action}`);
  }

  projections(): Promise<{ readonly projections: readonly Projection[] }> {
    return this.read('projections');
  }

  rollback(projection: string): Promise<Rollback> {
    return this.change(`projections/${encodeURIComponent(projection)}/rollback`);
  }

  release(projection: string): Promise<Release> {
    return this.change(`projections/${encodeURIComponent(projection)}/release`);
  }

  private async read<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    const timeout = AbortSignal.timeout(READ_TIMEOUT_MS);
    try {
      return await this.send(path, {
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  private change<Answer>(path: string, body?: object): Promise<Answer> {
    return this.send(path, {
      method: 'POST',
      signal: AbortSignal.timeout(CHANGE_TIMEOUT_MS),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  }

  private async send<Answer>(path: string, init: RequestInit): Promise<Answer> {
    const { status, ok, text } = await this.exchange(path, init);
    const answer = parseObject(text);
    if (answer === undefined) throw new ReplayAnswerUnreadableError(this.url, status);
    if (ok) return answer as Answer;
    throw new ReplayProblemError({ type: 'about:blank', ...answer, status });
  }

  private async exchange(path: string, init: RequestInit) {
    try {
      const response = await this.fetcher(`${this.url.replace(/\/+$/, '')}/v1/${path}`, init);
      return { status: response.status, ok: response.ok, text: await response.text() };
    } catch (cause) {
      const { name, message } = innermost(cause);
      throw new ReplayServiceUnreachableError(
        this.url,
        name === 'TimeoutError' ? 'no answer in time' : message,
        {
          cause,
          mayHaveArrived: init.method === 'POST' && !/^(connect|getaddrinfo) /.test(message),
        },
      );
    }
  }
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
