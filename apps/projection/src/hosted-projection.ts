import type { Catalogue } from '@millrace/contracts';
import type { Position } from '@millrace/event';
import { LiveVersionError, ProjectionQuery } from '@millrace/postgres';
import type { BuildState, Database, ReadRows } from '@millrace/postgres';
import { InvalidProjectionError, readerOf } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import type { ReaderReport } from '@millrace/reading';
import { ProjectionStartingError } from './errors';
import type { FollowedBuild } from './followed-build';

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
  private readonly queries: ReadonlyMap<number, ProjectionQuery>;
  /** The version that was live when last looked. */
  private liveVersion: number;
  private started = false;

  /**
   * @throws InvalidProjectionError when two of them are the same version, or an event type of a version's topics is
   * neither folded nor ignored.
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
    this.queries = new Map(versions.map((each) => [each.version, new ProjectionQuery(database, each)]));
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

  /**
   * Asks the live build, through a swap as well. `ask` may be called for several versions.
   * @throws LiveVersionError when the live build is of a version that is not hosted here.
   */
  async query(ask: (query: ProjectionQuery) => Promise<ReadRows>): Promise<ReadRows> {
    const [present, ...others] = [...this.queries.values()].sort(
      (a, b) =>
        Number(b.projection.version === this.liveVersion) - Number(a.projection.version === this.liveVersion),
    );
    if (present === undefined) throw new ProjectionStartingError(this.name);
    let failure: unknown;
    for (const query of [present, ...others]) {
      try {
        const found = await ask(query);
        this.liveVersion = found.build.version;
        return found;
      } catch (error) {
        if (!(error instanceof LiveVersionError)) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  /** Whether the live build includes these records. */
  async includes(positions: readonly Position[]): Promise<boolean> {
    return this.queries.get(this.projection.version)?.includes(positions) ?? false;
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
