import type { Position } from '@millrace/event';
import { readRecords, TopicNotFoundError } from '@millrace/kafka';
import { liveBuild, readHostedVersions, readPositions } from '@millrace/postgres';
import type { HostedVersion, RunPlan, StoredBuild, VectorEntry } from '@millrace/postgres';
import { readerOf } from '@millrace/projecting';
import type { ProjectionShape } from '@millrace/projecting';
import type { Servers } from '@millrace/reading';
import { checkRebuild, foundAt } from '@millrace/replaying';
import type { LivePosition, RebuildFacts, Refusal, TopicFacts } from '@millrace/replaying';
import { readTopicSchemas } from '@millrace/schema-registry';
import type { TopicSchemasOptions } from '@millrace/schema-registry';
import { UnknownProjectionError, UnknownVersionError } from './errors';

/** What a rebuild would do, resolved once, and why it may not. */
export interface RebuildPlan extends RunPlan {
  readonly shape: ProjectionShape;
  /** The build that readers see now. */
  readonly live: StoredBuild;
  readonly refusals: readonly Refusal[];
  /** What was looked at, as sentences. */
  readonly checks: readonly string[];
}

const READ_RECORDS_MS = 20_000;

/** Looks at everything that decides whether a rebuild can be right, without changing anything. */
export class RebuildPlanner {
  constructor(
    private readonly servers: Servers,
    private readonly schemas: TopicSchemasOptions,
  ) {}

  /**
   * `version` is the highest one that is hosted now when it is left out, or else the highest that ever was.
   * @throws UnknownProjectionError, UnknownVersionError, or the servers' errors while they cannot be reached.
   */
  async plan(projection: string, version: number | undefined): Promise<RebuildPlan> {
    const { database } = this.servers;
    const { shape, hostedNow } = await this.versionOf(projection, version);
    const live = await liveBuild(database, projection);
    if (live === undefined) throw new UnknownProjectionError(projection, []);
    const positions = await readPositions(database, readerOf(live));
    const facts = await this.facts(shape, positions);
    return {
      shape,
      live,
      sameLogic: live.version === shape.version,
      partitions: partitionsOf(facts.topics, positions),
      refusals: checkRebuild(facts),
      checks: [...describeChecks(facts), ...(hostedNow ? [] : [waitsForAHost(shape)])],
    };
  }

  private async versionOf(projection: string, version: number | undefined): Promise<HostedVersion> {
    const hosted = await readHostedVersions(this.servers.database);
    const own = hosted.filter(({ shape }) => shape.name === projection);
    const latest = own.findLast(({ hostedNow }) => hostedNow) ?? own.at(-1);
    if (latest === undefined) {
      throw new UnknownProjectionError(projection, [...new Set(hosted.map(({ shape }) => shape.name))]);
    }
    const found = version === undefined ? latest : own.find(({ shape }) => shape.version === version);
    if (found !== undefined) return found;
    throw new UnknownVersionError(
      projection,
      version ?? latest.shape.version,
      own.map(({ shape }) => shape.version),
    );
  }

  private async facts(shape: ProjectionShape, positions: readonly VectorEntry[]): Promise<RebuildFacts> {
    const topics = (await Promise.all(shape.topics.map((topic) => this.topicFacts(topic)))).flat();
    const schemas = await Promise.all(topics.map(({ topic }) => readTopicSchemas(topic, this.schemas)));
    const { name, version, kind, latestWins, tombstones, foldedTypes: folds, ignoredTypes: ignores } = shape;
    return {
      projection: { name, version, kind, topics: shape.topics, latestWins, tombstones, folds, ignores },
      topics,
      live: await this.livePositions(positions, topics),
      schemas: schemas.flat(),
    };
  }

  private async topicFacts(topic: string): Promise<TopicFacts[]> {
    const { cluster } = this.servers;
    try {
      const [partitions, cleanupPolicy] = await Promise.all([
        cluster.logBounds(topic),
        cluster.cleanupPolicy(topic),
      ]);
      return [{ topic, partitions, cleanupPolicy }];
    } catch (error) {
      if (error instanceof TopicNotFoundError) return [];
      throw error;
    }
  }

  /** Where the live build stands, each with the record that the log has before it now. */
  private async livePositions(
    positions: readonly VectorEntry[],
    topics: readonly TopicFacts[],
  ): Promise<LivePosition[]> {
    const known = positions.filter(({ topic }) => topics.some((each) => each.topic === topic));
    const wanted = known.flatMap(({ topic, partition, nextOffset, last }): Position[] =>
      last === undefined ? [] : [{ topic, partition, offset: nextOffset - 1n }],
    );
    const records = await readRecords(this.servers.kafka, wanted, { timeoutMs: READ_RECORDS_MS });
    return known.map(({ topic, partition, nextOffset, partitionCount, last }) => {
      const position = { topic, partition, nextOffset, partitionCount };
      if (last === undefined) return position;
      const index = wanted.findIndex((each) => each.topic === topic && each.partition === partition);
      return { ...position, last, found: foundAt(records[index]) };
    });
  }
}

/** From the start of the log to where the live build stands; an empty partition that it never stood in has neither. */
function partitionsOf(topics: readonly TopicFacts[], live: readonly VectorEntry[]): RunPlan['partitions'] {
  return topics.flatMap(({ topic, partitions }) =>
    partitions.map(({ start }, partition) => {
      const stands = live.find((each) => each.topic === topic && each.partition === partition);
      return { topic, partition, from: String(start), to: String(stands?.nextOffset ?? start) };
    }),
  );
}

function waitsForAHost({ name, version }: ProjectionShape): string {
  return `whether version ${version} of ${name} is hosted: no process does now, and a rebuild waits until one does`;
}

function describeChecks({ topics, live, schemas }: RebuildFacts): string[] {
  return [
    `whether the log begins at offset 0 in every partition of ${topics.map(({ topic }) => topic).join(', ')}`,
    'whether the topics have as many partitions as when the live build was folded',
    `whether the record before the live position is the one that was done last, in ${live.length} partitions`,
    'whether a topic is compacted, and if so, whether each event says all that its row shows',
    `whether all ${schemas.length} schema versions that the log may hold can be read, and their event types are decided on`,
  ];
}
