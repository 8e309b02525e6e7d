import type { ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import { DatabaseError } from 'pg';
import type { Pool } from 'pg';
import { DatabaseUnavailableError, LiveVersionError, QueriesFullError, QueryTimeoutError } from '../errors';
import { BuildQuery, positionsIn } from './build-query';
import type { BuildRows, ParkedKey, Row } from './build-query';
import type { ListRequest, OrderValues } from './list-request';
import { liveFacts } from './live-facts';
import type { LiveFacts } from './live-facts';
import { runQuery } from './run-query';

/** Rows together with the last record that they include from each partition, read in one snapshot. */
export interface ReadRows {
  readonly rows: readonly Row[];
  /** `topic/partition/offset` of the last record included; a partition of which nothing is included is absent. */
  readonly positions: readonly string[];
  /** By key, of the rows or of the key that was asked for: those whose row lacks events that cannot be folded. */
  readonly parked: ReadonlyMap<string, ParkedKey>;
  /** The build that they were read from, which was live. */
  readonly build: ProjectionBuild;
  /** Of the last row of a page, when more rows follow: what the next page is asked for with. */
  readonly next?: OrderValues;
}

/** Swaps take longer than a query; so many in the course of one do not happen. */
const MAX_SWAPS = 5;
/** The table of a build that was released. */
const UNDEFINED_TABLE = '42P01';

/**
 * Reads a projection's live build, when that is of one of these versions. Every answer carries its position, taken in the same
 * statement: also in the moment of a swap, rows and positions are of one build, and no answer is older than one before it.
 * Every call throws LiveVersionError when another version is live, QueriesFullError, QueryTimeoutError, and
 * DatabaseUnavailableError while PostgreSQL cannot be reached.
 */
export class ProjectionQuery {
  private readonly name: string;
  private readonly versions: ReadonlyMap<number, ProjectionShape>;
  /** Of the build that was live when last looked: each answer says whether it still is. */
  private present: BuildQuery | undefined;

  constructor(
    private readonly pool: Pool,
    ...versions: readonly [ProjectionShape, ...ProjectionShape[]]
  ) {
    this.name = versions[0].name;
    this.versions = new Map(versions.map((shape) => [shape.version, shape]));
  }

  /** The row of a key; `rows` is empty when there is none. */
  async byKey(key: string): Promise<ReadRows> {
    return this.read((query) => query.byKey(key));
  }

  /**
   * One page. The request depends on the columns and indexes of the version that answers, so it may be made from its shape;
   * in the course of a swap it is made more than once, and what it throws counts for the version that is live.
   */
  async list(request: ListRequest | ((shape: ProjectionShape) => ListRequest)): Promise<ReadRows> {
    return this.read((query) => query.list(typeof request === 'function' ? request(query.shape) : request));
  }

  /** `topic/partition/offset` of the last record of each partition that the live build includes. */
  async positions(): Promise<readonly string[]> {
    return positionsIn((await this.facts())?.millrace_positions);
  }

  private async read(ask: (query: BuildQuery) => Promise<BuildRows>): Promise<ReadRows> {
    for (let swaps = 0; swaps < MAX_SWAPS; swaps++) {
      const query = this.present ?? (await this.look());
      const found = await this.askOrLook(query, ask);
      if (found?.live === undefined) continue;
      if (found.live.build !== query.build.build) {
        this.present = this.queryOf(found.live);
        continue;
      }
      const { rows, positions, parked, next } = found;
      return { rows, positions, parked, build: query.build, ...(next === undefined ? {} : { next }) };
    }
    throw new LiveVersionError(this.name, [...this.versions.keys()]);
  }

  /** Gives nothing when another build is live by now, and `present` is that one. */
  private async askOrLook(
    query: BuildQuery,
    ask: (query: BuildQuery) => Promise<BuildRows>,
  ): Promise<BuildRows | undefined> {
    try {
      const found = await ask(query);
      if (found.live === undefined) this.present = undefined;
      return found;
    } catch (error) {
      if (isOfTheServer(error)) throw error;
      // The build may be gone, or may have refused what the one that is live takes.
      if (this.versions.size === 1 && !isOfTheTable(error)) throw error;
      const former = query.build.build;
      if ((await this.look()).build.build === former) throw error;
      return undefined;
    }
  }

  private async look(): Promise<BuildQuery> {
    this.present = undefined;
    const { millrace_version: version = null, millrace_build: build = null } = (await this.facts()) ?? {};
    if (version === null || build === null) {
      throw new LiveVersionError(this.name, [...this.versions.keys()]);
    }
    this.present = this.queryOf({ version, build });
    return this.present;
  }

  private queryOf({ version, build }: { readonly version: number; readonly build: number }): BuildQuery {
    const shape = this.versions.get(version);
    if (shape === undefined) {
      this.present = undefined;
      throw new LiveVersionError(this.name, [...this.versions.keys()]);
    }
    return new BuildQuery(this.pool, shape, { projection: this.name, version, build });
  }

  private async facts(): Promise<LiveFacts | undefined> {
    const statement = { text: liveFacts('$1::text'), values: [this.name] };
    return (await runQuery<LiveFacts>(this.pool, { what: this.name, statement }))[0];
  }
}

function isOfTheServer(error: unknown): boolean {
  return [DatabaseUnavailableError, QueriesFullError, QueryTimeoutError].some(
    (each) => error instanceof each,
  );
}

function isOfTheTable(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === UNDEFINED_TABLE;
}
