import { askService, whyUnanswered } from '../ask-service';
import type { Fetcher, ServiceAnswer } from '../ask-service';
import type { Parked, Plan, Projection, ProjectionDetails, Release, Rollback, Run, Sample } from './answers';
import {
  ReplayAnswerUnreadableError,
  ReplayProblemError,
  ReplayServiceUnreachableError,
} from './replay-errors';

const READ_TIMEOUT_MS = 10_000;
/** Planning reads every schema of the range, and a swap waits for its locks. */
const CHANGE_TIMEOUT_MS = 60_000;

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

  rebuild(request: RebuildRequest & { readonly hold?: boolean }): Promise<Run> {
    return this.change('replays', { kind: 'rebuild', ...request });
  }

  verify(request: { readonly projection: string; readonly sample?: Sample | undefined }): Promise<Run> {
    return this.change('replays', { kind: 'verify', ...request });
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

  projection(name: string): Promise<ProjectionDetails> {
    return this.read(`projections/${encodeURIComponent(name)}`);
  }

  /** The rebuild that waits, with what was found. */
  diff(projection: string): Promise<Run> {
    return this.read(`projections/${encodeURIComponent(projection)}/diff`);
  }

  swap(projection: string): Promise<Run> {
    return this.change(`projections/${encodeURIComponent(projection)}/swap`);
  }

  rollback(projection: string): Promise<Rollback> {
    return this.change(`projections/${encodeURIComponent(projection)}/rollback`);
  }

  release(projection: string): Promise<Release> {
    return this.change(`projections/${encodeURIComponent(projection)}/release`);
  }

  parked(projection: string, after?: string): Promise<Parked> {
    const page = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
    return this.read(`projections/${encodeURIComponent(projection)}/parked${page}`);
  }

  retryParked(
    projection: string,
    which: object,
  ): Promise<{ readonly keys: number; readonly partitions: number }> {
    return this.change(`projections/${encodeURIComponent(projection)}/parked/retry`, which);
  }

  skipParked(
    projection: string,
    position: string,
    reason: string,
  ): Promise<{ readonly skipped: string; readonly versions: readonly number[] }> {
    return this.change(`projections/${encodeURIComponent(projection)}/parked/skip`, { position, reason });
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
    const { status, ok, body } = await this.exchange(path, init);
    if (body === undefined) throw new ReplayAnswerUnreadableError(this.url, status);
    if (ok) return body as Answer;
    throw new ReplayProblemError({ type: 'about:blank', ...body, status });
  }

  private async exchange(path: string, init: RequestInit): Promise<ServiceAnswer> {
    try {
      return await askService(this.fetcher, { url: this.url, path, init });
    } catch (cause) {
      const reason = whyUnanswered(cause);
      const mayHaveArrived = init.method === 'POST' && !/^(connect|getaddrinfo) /.test(reason);
      throw new ReplayServiceUnreachableError(this.url, reason, { cause, mayHaveArrived });
    }
  }
}
