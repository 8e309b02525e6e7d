import { thresholdOf } from '@millrace/projecting';
import type { KeySample, ProjectionBuild, ProjectionColumn, ProjectionShape } from '@millrace/projecting';
import { escapeLiteral } from 'pg';
import type { ClientBase } from 'pg';
import { columnName, selectMergedSql, tableName } from '../read-model-sql';

export interface BuildsToCompare {
  readonly live: ShapedBuild;
  readonly rebuilt: ShapedBuild;
  /** Compare these keys alone; both have to be of one version then. Default: all. */
  readonly sample?: KeySample | undefined;
}

/** A build with the layout that its tables were made with. */
export interface ShapedBuild {
  readonly build: ProjectionBuild;
  readonly shape: ProjectionShape;
}

export interface TableDigest {
  readonly rows: string;
  /** 128 bits over all rows, whatever their order. */
  readonly digest: string;
}

export interface DifferingRow {
  readonly key: string;
  /** `topic/partition` of an aggregate's partial row. */
  readonly partition?: string;
  /** 64-bit numbers are text; `null` when there is no such row. */
  readonly live: Readonly<Record<string, unknown>> | null;
  readonly rebuilt: Readonly<Record<string, unknown>> | null;
}

export interface Comparison {
  readonly equal: boolean;
  readonly live: TableDigest;
  readonly rebuilt: TableDigest;
  /** Counts are text, as 64-bit numbers are everywhere. */
  readonly differing: {
    readonly keys: string;
    readonly onlyLive: string;
    readonly onlyRebuilt: string;
    readonly changed: string;
    /** In how many of the changed rows a column differs, by its name; those that differ in none are left out. */
    readonly columns: Readonly<Record<string, string>>;
    /** The first few, by key. */
    readonly examples: readonly DifferingRow[];
  };
}

const EXAMPLES = 20;
const NONE = { keys: '0', onlyLive: '0', onlyRebuilt: '0', changed: '0', columns: {}, examples: [] };
const OWNER = ['source_topic', 'source_partition'];

/**
 * Compares all rows of two builds as they are in the transaction's snapshot: by digest, and row by row when those differ.
 * Builds of one version are compared by their tables, partial rows included; builds of two versions by what readers
 * would see, in the columns that both have.
 */
export async function compareBuilds(tx: ClientBase, builds: BuildsToCompare): Promise<Comparison> {
  // Both sides become text in the same way, whatever the database's defaults are.
  await tx.query("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL extra_float_digits = 1");
  const sides = sidesOf(builds);
  const digests = [await digest(tx, sides, sides.live), await digest(tx, sides, sides.rebuilt)] as const;
  const equal = digests[0].digest === digests[1].digest && digests[0].rows === digests[1].rows;
  const differing = equal ? NONE : await difference(tx, sides);
  return { equal, live: digests[0], rebuilt: digests[1], differing };
}

interface Sides {
  /** SQL that stands in a FROM. */
  readonly live: string;
  readonly rebuilt: string;
  readonly key: string;
  /** The columns that name a row. */
  readonly identity: readonly string[];
  readonly columns: readonly ProjectionColumn[];
}

function sidesOf({ live, rebuilt, sample }: BuildsToCompare): Sides {
  const key = columnName(rebuilt.shape.keyName);
  if (live.shape.version === rebuilt.shape.version) {
    const identity = rebuilt.shape.kind === 'aggregate' ? [key, ...OWNER] : [key];
    const { columns } = rebuilt.shape;
    const table = ({ build }: ShapedBuild) =>
      sample === undefined ? tableName(build) : sampledTable(build, key, sample);
    return { live: table(live), rebuilt: table(rebuilt), key, identity, columns };
  }
  const columns = rebuilt.shape.columns.filter(({ name, type }) =>
    live.shape.columns.some((other) => other.name === name && other.type === type),
  );
  const names = columns.map(({ name }) => columnName(name));
  const shown = ({ shape, build }: ShapedBuild) =>
    `(SELECT ${[`${columnName(shape.keyName)} AS ${key}`, ...names].join(', ')} FROM (${selectMergedSql(shape, build)}) AS shown)`;
  return { live: shown(live), rebuilt: shown(rebuilt), key, identity: [key], columns };
}

/** The rows whose key `isInSample`. */
function sampledTable(build: ProjectionBuild, key: string, sample: KeySample): string {
  return `(SELECT * FROM ${tableName(build)} WHERE ${inSampleSql(sample, `convert_to(${key}, 'UTF8')`)})`;
}

/** Whether a key `isInSample`, which an SQL expression gives as the bytes of its UTF-8. */
export function inSampleSql(sample: KeySample, key: string): string {
  // Four bytes; a threshold of five is one that no hash reaches.
  const below = thresholdOf(sample).toString(16).padStart(8, '0');
  if (below.length > 8) return 'true';
  return `sha256(convert_to(${escapeLiteral(sample.seed)}, 'UTF8') || ${key}) < '\\x${below}'::bytea`;
}

async function digest(tx: ClientBase, sides: Sides, from: string): Promise<TableDigest> {
  const row = [...sides.identity, ...sides.columns.map(({ name }) => columnName(name))].join(', ');
  // A sum does not depend on the order of the rows; two seeds make collisions as unlikely as 128 bits do. PostgreSQL adds up
  // bigints in 128 bits. OFFSET 0 keeps it from making each row's text twice, once for each of the sums.
  const { rows } = await tx.query<{ rows: bigint; a: string; b: string }>(
    `SELECT count(*) AS rows, coalesce(sum(hashtextextended(line, 1)), 0)::text AS a,
            coalesce(sum(hashtextextended(line, 2)), 0)::text AS b
       FROM (SELECT ROW(${row})::text AS line FROM ${from} AS side OFFSET 0) AS lines`,
  );
  const { rows: count = 0n, a = '0', b = '0' } = rows[0] ?? {};
  return { rows: String(count), digest: [a, b].map(hexOf).join('') };
}

function hexOf(sum: string): string {
  return BigInt.asUintN(64, BigInt(sum)).toString(16).padStart(16, '0');
}

interface DifferenceRow {
  keys: bigint;
  only_live: bigint;
  only_rebuilt: bigint;
  changed: bigint;
  columns: Record<string, number>;
  examples: { key: string; partition: string | null; live: object | null; rebuilt: object | null }[] | null;
}

async function difference(tx: ClientBase, sides: Sides): Promise<Comparison['differing']> {
  const values = sides.columns.map(({ name, type }) => {
    // JSON's numbers would round what is longer than a double.
    const value = type === 'bigint' || type === 'decimal' ? `${columnName(name)}::text` : columnName(name);
    return `'${name}', ${value}`;
  });
  const counts = sides.columns.map(
    ({ name }) =>
      `'${name}', count(*) FILTER (WHERE live IS NOT NULL AND rebuilt IS NOT NULL AND live->'${name}' IS DISTINCT FROM rebuilt->'${name}')`,
  );
  const side = (from: string) =>
    `(SELECT ${sides.identity.join(', ')}, ${jsonObject(values)} AS row FROM ${from} AS side)`;
  const same = sides.identity.map((name) => `l.${name} = r.${name}`).join(' AND ');
  const partition = sides.identity.includes('source_topic')
    ? "coalesce(l.source_topic, r.source_topic) || '/' || coalesce(l.source_partition, r.source_partition)"
    : 'NULL';
  const { rows } = await tx.query<DifferenceRow>(
    `WITH differing AS MATERIALIZED (
       SELECT coalesce(l.${sides.key}, r.${sides.key}) AS key, ${partition} AS partition, l.row AS live, r.row AS rebuilt
         FROM ${side(sides.live)} AS l FULL JOIN ${side(sides.rebuilt)} AS r ON ${same}
        WHERE l.row IS DISTINCT FROM r.row)
     SELECT count(DISTINCT key) AS keys, count(*) FILTER (WHERE rebuilt IS NULL) AS only_live,
            count(*) FILTER (WHERE live IS NULL) AS only_rebuilt,
            count(*) FILTER (WHERE live IS NOT NULL AND rebuilt IS NOT NULL) AS changed,
            ${jsonObject(counts)} AS columns,
            (SELECT jsonb_agg(first) FROM (SELECT * FROM differing ORDER BY key, partition LIMIT $1) AS first) AS examples
       FROM differing`,
    [EXAMPLES],
  );
  const found = rows[0];
  if (found === undefined) return NONE;
  return {
    keys: String(found.keys),
    onlyLive: String(found.only_live),
    onlyRebuilt: String(found.only_rebuilt),
    changed: String(found.changed),
    columns: Object.fromEntries(
      Object.entries(found.columns)
        .filter(([, rows]) => rows > 0)
        .map(([name, rows]) => [name, String(rows)]),
    ),
    examples: (found.examples ?? []).map(({ key, partition: part, live, rebuilt }) => ({
      key,
      ...(part === null ? {} : { partition: part }),
      live: live as DifferingRow['live'],
      rebuilt: rebuilt as DifferingRow['rebuilt'],
    })),
  };
}

/** A function takes a hundred arguments, and a projection may have more columns than make so many. */
function jsonObject(members: readonly string[]): string {
  const parts: string[] = [];
  for (let from = 0; from < members.length; from += 40) {
    parts.push(`jsonb_build_object(${members.slice(from, from + 40).join(', ')})`);
  }
  return parts.join(' || ') || `'{}'::jsonb`;
}
