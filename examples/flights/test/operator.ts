import { waitFor } from '@millrace/testing';

export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  readonly position: string;
  readonly target: string;
  readonly state: string;
}

export interface Difference {
  readonly key: string;
  readonly live: Readonly<Record<string, unknown>> | null;
  readonly rebuilt: Readonly<Record<string, unknown>> | null;
}

/** A run as the replay service tells it. */
export interface Run {
  readonly id: number;
  readonly projection: string;
  readonly version: number;
  readonly build: number;
  readonly replaces: { readonly version: number; readonly build: number };
  readonly state: string;
  readonly paused: boolean;
  readonly reason?: string;
  readonly progress: {
    readonly done: string;
    readonly total: string;
    readonly partitions: readonly PartitionProgress[];
  };
  readonly proof?: {
    readonly equal: boolean;
    readonly sameLogic: boolean;
    readonly live: { readonly rows: string };
    readonly rebuilt: { readonly rows: string };
    readonly differing: {
      readonly keys: string;
      readonly onlyLive: string;
      readonly onlyRebuilt: string;
      readonly changed: string;
      readonly examples: readonly Difference[];
    };
  };
  readonly swap?: { readonly attempts: number; readonly pauseMs: number };
}

export interface ListedProjection {
  readonly name: string;
  readonly liveVersion: number;
  readonly liveBuild: number;
  readonly builds: readonly { readonly build: number; readonly state: string; readonly table: string }[];
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A run stands in one of these until somebody asks something of it. */
const SETTLED = ['done', 'refused', 'review', 'cancelled'];

/** What an operator does, over the HTTP interface of the replay service. */
export class Operator {
  constructor(private readonly replayUrl: string) {}

  /** Asks for anything; gives the answer as it is. */
  async ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.replayUrl}/v1${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  /** Asks for a rebuild; gives the answer as it is. */
  request(projection: string, version?: number): Promise<Answer> {
    return this.ask('POST', '/replays', { kind: 'rebuild', projection, ...(version && { version }) });
  }

  /** @throws when the rebuild was not begun. */
  async begin(projection: string, version?: number): Promise<Run> {
    return accepted(await this.request(projection, version)) as unknown as Run;
  }

  async run(id: number): Promise<Run> {
    return accepted(await this.ask('GET', `/replays/${id}`)) as unknown as Run;
  }

  /** @throws when that is not possible in the run's state. */
  async steer(id: number, what: 'pause' | 'resume' | 'cancel' | 'approve'): Promise<Run> {
    return accepted(await this.ask('POST', `/replays/${id}/${what}`)) as unknown as Run;
  }

  /** @throws when there is nothing to roll back to, or to release. */
  async settle(projection: string, what: 'rollback' | 'release'): Promise<Answer['body']> {
    return accepted(await this.ask('POST', `/projections/${projection}/${what}`));
  }

  async projection(name: string): Promise<ListedProjection> {
    const { projections } = accepted(await this.ask('GET', '/projections'));
    const found = (projections as ListedProjection[]).find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no projection ${name}`);
    return found;
  }

  /** The run once it goes no further by itself. */
  async settled(id: number, timeoutMs = 60_000): Promise<Run> {
    let last: Run | undefined;
    const check = async () => {
      last = await this.run(id);
      return SETTLED.includes(last.state) && last;
    };
    return waitFor(`replay ${id} to be settled`, check, timeoutMs).catch((error: unknown) => {
      throw new Error(`${String(error)}; it was last seen as ${JSON.stringify(last)}`, { cause: error });
    });
  }

  /** Waits for the run to be done, and expects that the rows were found equal before. */
  async expectSwapped(id: number, timeoutMs?: number): Promise<Run> {
    const run = await this.settled(id, timeoutMs);
    expect(run).toMatchObject({ state: 'done', proof: { equal: true } });
    return run;
  }
}

function accepted({ status, body }: Answer): Answer['body'] {
  if (status < 300) return body;
  throw new Error(`the replay service answered ${status}: ${JSON.stringify(body)}`);
}
