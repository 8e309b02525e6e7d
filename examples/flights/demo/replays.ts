/** A run of the replay service, as far as the demo shows it; 64-bit numbers are text. */
export interface ReplayRun {
  readonly id: number;
  readonly projection: string;
  readonly state: 'building' | 'proving' | 'review' | 'refused' | 'swapping' | 'done' | 'cancelled';
  readonly paused: boolean;
  /** Why it stands still, was refused or cancelled. */
  readonly reason?: string;
  readonly progress: { readonly done: string; readonly total: string };
  readonly proof?: { readonly rebuilt: { readonly rows: string; readonly digest: string } };
  readonly swap?: { readonly pauseMs: number };
}

export interface Build {
  readonly version: number;
  readonly build: number;
}

/** The replay service said no. */
export class ReplayProblem extends Error {
  override readonly name = 'ReplayProblem';

  constructor(
    /** The end of the problem's type, such as `build-kept`. */
    readonly slug: string,
    message: string,
  ) {
    super(message);
  }
}

interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
}

/** Steers replays as any operator's program would. Every call throws ReplayProblem when the service says no. */
export class Replays {
  constructor(
    private readonly replayUrl: string,
    private readonly signal: AbortSignal,
  ) {}

  /** The rebuild of a projection that is under way, or stands and waits for a decision. */
  async active(projection: string): Promise<ReplayRun | undefined> {
    const answer = await this.ask('GET', `replays?projection=${projection}&active=true`);
    return (answer as { replays: readonly ReplayRun[] }).replays[0];
  }

  async get(id: number): Promise<ReplayRun> {
    return (await this.ask('GET', `replays/${id}`)) as ReplayRun;
  }

  /** Begins to build a projection again from the log, beside the live one. */
  async rebuild(projection: string): Promise<ReplayRun> {
    return (await this.ask('POST', 'replays', { kind: 'rebuild', projection })) as ReplayRun;
  }

  /** Drops the build that the last swap kept for rollback. */
  async release(projection: string): Promise<Build> {
    const answer = await this.ask('POST', `projections/${projection}/release`);
    return (answer as { released: Build }).released;
  }

  private async ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.replayUrl}/v1/${path}`, {
      method,
      signal: this.signal,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (response.ok) return response.json();
    const { type, detail, title } = (await response.json().catch(() => ({}))) as Problem;
    throw new ReplayProblem(
      type?.split(/[:/]/).at(-1) ?? '',
      `The replay service answered ${response.status} to ${method} ${path}: ${detail ?? title ?? 'no reason given'}`,
    );
  }
}
