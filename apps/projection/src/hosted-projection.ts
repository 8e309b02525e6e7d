import type { Catalogue } from '@millrace/contracts';
import type { Position } from '@millrace/event';
import { ProjectionQuery } from '@millrace/postgres';
import type { BuildState, Database, ReadRows } from '@millrace/postgres';
import { InvalidProjectionError, readerOf } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import type { ReaderReport } from '@millrace/reading';
import { InvalidQueryError, NotYetProjectedError, ProjectionStartingError } from './errors';
import type { FollowedBuild } from './followed-build';
import { includesAll } from './query/at-least';
import type { AtLeast } from './query/at-least';
import { PositionWaits } from './query/position-waits';

/** One build as this process sees it. */
export interface BuildReport extends ReaderReport {
  readonly build: number;
  readonly version: number;
  readonly state: ReaderReport['state'];
  readonly role: BuildState;
}

/**
 * A projection that this process hosts, in one version or, around a change of its logic, in several. It answers queries
 * when the live build is of one of them.
 */
export class HostedProjection {
  /** The builds that this process folds, by the name of their positions; the host keeps it current. */
  readonly builds = new Map<string, FollowedBuild>();
  private readonly queries: ProjectionQuery;
  private readonly waits: PositionWaits;
  /** The version that was live when last looked. */
  private liveVersion: number;
  private started = false;

  /**
   * @throws InvalidProjectionError when two of them are the same version, or an event type of a version's topics is
   * neither folded nor ignored. `database` is the one that is queried.
   */
  constructor(
    readonly versions: readonly Projection[],
    database: Database,
    catalogue: Catalogue,
  ) {
    for (const projection of versions) checkAgainstCatalogue(projection, catalogue);
    const numbers = versions.map(({ version }) => version);
    const twice = numbers.filter((version, index) => numbers.indexOf(version) !== index);
    if (twice.length > 0) {
      const problems = twice.map((version) => `two folders of PROJECTIONS define its version ${version}`);
      throw new InvalidProjectionError(this.name, problems);
    }
    this.queries = new ProjectionQuery(database, ...(versions as [Projection, ...Projection[]]));
    this.waits = new PositionWaits(this.name, () => this.queries.positions());
    this.liveVersion = this.latest.version;
  }

  get name(): string {
    return this.latest.name;
  }

  /** The hosted version that is live, or the latest one. */
  get projection(): Projection {
    return this.versions.find(({ version }) => version === this.liveVersion) ?? this.latest;
  }

  /** The tables are there: it can be asked from now on. */
  markStarted(): void {
    this.started = true;
  }

  markLive(version: number): void {
    this.liveVersion = version;
  }

  /** @throws ProjectionStartingError before the first start: there is nothing to ask yet. */
  assertStarted(): void {
    if (!this.started) throw new ProjectionStartingError(this.name);
  }

  /** Asks the live build, through a swap as well. Throws what ProjectionQuery throws. */
  async query(ask: (query: ProjectionQuery) => Promise<ReadRows>): Promise<ReadRows> {
    const found = await ask(this.queries);
    this.liveVersion = found.build.version;
    return found;
  }

  /**
   * The same for an answer that includes these records; through a swap, too, it is never one without them.
   * @throws NotYetProjectedError, with where the live build stands, when it does not get there in time; InvalidQueryError for
   * a topic that it does not read.
   */
  async queryAtLeast(
    { positions, waitMs }: AtLeast,
    ask: (query: ProjectionQuery) => Promise<ReadRows>,
  ): Promise<ReadRows> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const found = await this.query(ask);
      if (includesAll(found.positions, positions)) return found;
      const { topics } = this.versionOf(found);
      if (positions.some(({ topic }) => !topics.includes(topic))) {
        throw new InvalidQueryError('at-least', `positions in ${topics.join(', ')}`);
      }
      const waited = await this.waits.until(positions, deadline);
      if (!waited.isIncluded) throw new NotYetProjectedError(this.name, waited.positions, waitMs);
    }
  }

  /** The version that has answered: what its rows are shown by, whichever is live by now. */
  versionOf({ build }: ReadRows): Projection {
    const found = this.versions.find(({ version }) => version === build.version);
    if (found === undefined)
      throw new RangeError(`version ${build.version} of ${this.name} is not hosted here`);
    return found;
  }

  /** Whether the live build includes these records. */
  async includes(positions: readonly Position[]): Promise<boolean> {
    return includesAll(await this.queries.positions(), positions);
  }

  /** How far each build is. @throws ProjectionStartingError before the first start. */
  async report(): Promise<BuildReport[]> {
    this.assertStarted();
    const reports = [...this.builds.values()].map(async (followed) => {
      const { build, version } = followed.build;
      return { build, version, role: followed.state, ...(await followed.report()) };
    });
    return Promise.all(reports);
  }

  /** For readiness: the live build counts; what stands still in another one is for whoever watches its rebuild. */
  check(): Record<string, unknown> {
    this.assertStarted();
    const live = [...this.builds.values()].find(({ state }) => state === 'live');
    if (live === undefined) return { live: 'a version that is hosted elsewhere' };
    return { build: readerOf(live.build), ...live.check() };
  }

  private get latest(): Projection {
    return this.versions.reduce((latest, each) => (each.version > latest.version ? each : latest));
  }
}

function checkAgainstCatalogue(projection: Projection, catalogue: Catalogue): void {
  const { topics, foldedTypes, ignoredTypes, latestWins, tombstones } = projection;
  const decided = new Set([...foldedTypes, ...ignoredTypes]);
  const undecided = catalogue.events
    .filter(({ topic, type }) => topics.includes(topic) && !decided.has(type))
    .map(({ topic, type }) => `${type} is published to ${topic}, and it neither folds nor ignores it`);
  const compacted = catalogue.topics.filter(
    ({ name, cleanup }) => topics.includes(name) && cleanup.includes('compact'),
  );
  const forgetful = compacted
    .filter(() => !latestWins)
    .map(({ name }) => `${name} is compacted, which removes events, and it does not declare latestWins`);
  // Compaction takes a deleted key's events away, and in the end its tombstone: a row that stays could not be rebuilt.
  const undeleted = compacted
    .filter(() => tombstones !== 'delete')
    .map(
      ({ name }) =>
        `${name} is compacted, so keys are deleted in it, and it does not declare tombstones: 'delete'`,
    );
  const problems = [...undecided, ...forgetful, ...undeleted];
  if (problems.length > 0) throw new InvalidProjectionError(projection.name, problems);
}
