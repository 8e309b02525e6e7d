import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@millrace/testing';
import type { TestDatabase, TestService } from '@millrace/testing';
import { processorSeconds } from './processor-time';
import type { ProjectStack } from './project-stack';

/** What a rebuild took; seconds. */
export interface Rebuilt {
  /** From the moment a process had taken a partition to the commit of the last event. */
  readonly foldSeconds: number;
  /** From the request until readers were shown the new rows, proven to be those of before. */
  readonly wholeSeconds: number;
  /** Processor time of the projection service while it folded. */
  readonly processorSeconds: number;
}

export interface ReadModelOptions {
  /** A folder below examples/flights/projections; the projection is called so, too. */
  readonly projection: string;
  /** What the projection service is told beside. Default: nothing. */
  readonly settings?: Record<string, string>;
}

interface Standing {
  readonly taken: boolean;
  readonly done: number;
}

/** What folding took; seconds. */
export interface Folded {
  readonly seconds: number;
  /** Of the projection service. */
  readonly processorSeconds: number;
}

interface Run {
  readonly id: number;
  readonly state: string;
  readonly reason?: string;
  readonly swap?: { readonly pauseMs: number };
}

const POLL_MS = 20;
const GIVE_UP_MS = 900_000;
const STANDS_STILL = ['refused', 'review', 'cancelled'];

/** A projection service with one of the flights' projections and a database of its own, and the replay service beside it. */
export class ReadModel {
  private constructor(
    private readonly stack: ProjectStack,
    private readonly name: string,
    readonly database: TestDatabase,
    readonly projection: TestService,
    readonly replay: TestService,
  ) {}

  /** Resolves when both services are ready; the live build has only begun to read. */
  static async start(stack: ProjectStack, options: ReadModelOptions): Promise<ReadModel> {
    const { projection: name, settings = {} } = options;
    const database = await stack.createDatabase();
    const variables = { DATABASE_URL: database.url };
    const folder = `examples/flights/projections/${name}`;
    const service = await stack.startService('projection', {
      ...variables,
      PROJECTIONS: folder,
      ...settings,
    });
    const replay = await stack.startService('replay', variables);
    return new ReadModel(stack, name, database, service, replay);
  }

  get url(): string {
    return `${this.projection.url}/v1/projections/${this.name}`;
  }

  /** Resolves when the live build holds so many events, with what it took from the first partition taken to the commit of the last. */
  caughtUp(events: number): Promise<Folded> {
    return this.folded('live', events);
  }

  /**
   * Builds the model again from a log of so many events, to which nothing is added meanwhile, and lets it take the live one's place;
   * what is kept for a rollback goes first.
   */
  async rebuild(events: number): Promise<Rebuilt> {
    await this.release();
    const startedAt = performance.now();
    const id = await this.begin();
    const fold = await this.folded('building', events);
    await this.done(id);
    const wholeSeconds = (performance.now() - startedAt) / 1_000;
    return { foldSeconds: fold.seconds, wholeSeconds, processorSeconds: fold.processorSeconds };
  }

  /** The same while the log grows; gives for how many milliseconds folding was held at the swap, as the replay service says. */
  async rebuildUnderLoad(): Promise<number> {
    await this.release();
    const run = await this.done(await this.begin());
    return run.swap?.pauseMs ?? Number.NaN;
  }

  private async begin(): Promise<number> {
    const run = await this.ask('POST', 'replays', { kind: 'rebuild', projection: this.name });
    return (run as Run).id;
  }

  private async done(id: number): Promise<Run> {
    const startedAt = performance.now();
    for (;;) {
      const run = (await this.ask('GET', `replays/${id}`)) as Run;
      if (run.state === 'done') return run;
      if (STANDS_STILL.includes(run.state))
        throw new Error(`the rebuild of ${this.name} is ${run.state}: ${run.reason ?? 'no reason'}`);
      giveUp(startedAt, `the rebuild of ${this.name} to be done; it is ${run.state}`);
      await sleep(POLL_MS);
    }
  }

  async close(): Promise<void> {
    const { rows } = await this.database.pool.query<{ build: number; version: number }>(
      'SELECT build, version FROM millrace.projection_build WHERE projection = $1',
      [this.name],
    );
    await Promise.all([this.projection.process.stop(), this.replay.process.stop()]);
    await this.stack.forgetGroups(rows.map((row) => ({ projection: this.name, ...row })));
    await this.database.drop();
  }

  /** Drops the build that the last swap kept, which would otherwise be folded beside; none is kept at first. */
  private async release(): Promise<void> {
    const kept = await this.database.query(
      `SELECT 1 FROM millrace.projection_build WHERE projection = $1 AND state = 'previous'`,
      [this.name],
    );
    if (kept.length > 0) await this.ask('POST', `projections/${this.name}/release`);
  }

  private async folded(state: 'live' | 'building', events: number): Promise<Folded> {
    const began = performance.now();
    let taken: { readonly at: number; readonly processor: number } | undefined;
    // Of a rebuild it soon is the live one: which build is meant is asked once.
    const reader = await this.readerOf(state);
    for (;;) {
      const now = await this.standing(reader);
      if (now.taken) taken ??= { at: performance.now(), processor: await this.processor() };
      if (now.done >= events && taken !== undefined) {
        const seconds = (performance.now() - taken.at) / 1_000;
        return { seconds, processorSeconds: (await this.processor()) - taken.processor };
      }
      giveUp(began, `${reader} to be folded; ${now.done} of ${events} events are`);
      await sleep(POLL_MS);
    }
  }

  private readerOf(state: 'live' | 'building'): Promise<string> {
    return waitFor(`a build of ${this.name} that is ${state}`, async () => {
      const [row] = await this.database.query<{ reader: string }>(
        'SELECT reader FROM millrace.projection_build WHERE projection = $1 AND state = $2',
        [this.name, state],
      );
      return row?.reader;
    });
  }

  /** Offsets have no gaps here: nothing is written in transactions. */
  private async standing(reader: string): Promise<Standing> {
    const [row] = await this.database.query<{ taken: boolean | null; done: string | null }>(
      'SELECT bool_or(epoch > 0) AS taken, sum(next_offset) AS done FROM millrace.position WHERE reader = $1',
      [reader],
    );
    return { taken: row?.taken ?? false, done: Number(row?.done ?? 0) };
  }

  private processor(): Promise<number> {
    return processorSeconds(this.projection.process.pid);
  }

  private async ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.replay.url}/v1/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (response.ok) return response.json();
    throw new Error(`${method} ${path} was answered ${response.status}: ${await response.text()}`);
  }
}

function giveUp(since: number, what: string): void {
  if (performance.now() - since > GIVE_UP_MS) throw new Error(`waited ${GIVE_UP_MS / 1_000} s for ${what}`);
}
