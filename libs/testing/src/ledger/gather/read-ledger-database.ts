import { FlightLanded } from '@millrace/contracts';
import { buildTable, readBuilds } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import { readerOf } from '@millrace/projecting';
import type { Effect, ModelName, ReaderPosition, ReadModel } from '../evidence';

/** The columns of each read model and how its rows come out of a table of partial rows, written apart from the platform's. */
const SELECT: Readonly<Record<ModelName, (table: string) => string>> = {
  ledgerLast: (table) => `SELECT flight_id AS key, seq, events FROM ${table}`,
  ledgerSum: (table) =>
    `SELECT destination AS key, sum(events)::bigint AS events, sum(seq_sum)::bigint AS "seqSum",
            max(max_seq) AS "maxSeq" FROM ${table} GROUP BY destination`,
};
const VIEWS: Readonly<Record<ModelName, string>> = {
  ledgerLast: 'read_model.ledger_last',
  ledgerSum: 'read_model.ledger_sum',
};

interface EffectRow {
  id: bigint;
  event_id: string;
  key: string;
  seq: number;
  topic: string;
  partition: number;
  record_offset: bigint;
  at: Date;
}

/** The effects of the group `ledger`, in the order in which they were made. */
export async function readEffects(database: Database): Promise<Effect[]> {
  const { rows } = await database.query<EffectRow>('SELECT * FROM faults.effect ORDER BY id');
  return rows.map(({ id, event_id, key, seq, topic, partition, record_offset, at }) => ({
    number: id,
    id: event_id,
    key,
    seq,
    topic,
    partition,
    offset: record_offset,
    atMs: at.getTime(),
  }));
}

/** Where every reader of the ledger's topic stands, those of rebuilds included. */
export async function readReaderPositions(database: Database): Promise<ReaderPosition[]> {
  const { rows } = await database.query<ReaderPosition>(
    `SELECT reader, topic, partition, next_offset AS "nextOffset" FROM millrace.position
      WHERE topic = $1 ORDER BY reader, partition`,
    [FlightLanded.topic],
  );
  return rows;
}

/**
 * The rows of both read models as readers see them, and of each build that is or was live and folds on. A build that is
 * still being made is left out: it may be behind.
 */
export async function readReadModels(database: Database): Promise<ReadModel[]> {
  const builds = await readBuilds(database, Object.keys(SELECT));
  const tables = builds
    .filter(({ state }) => state !== 'building' && state !== 'verifying')
    .map((build) => ({
      model: build.projection as ModelName,
      reader: readerOf(build),
      build: `${readerOf(build).replace('projection/', '')} ${build.state}`,
      table: buildTable(build),
    }));
  const live = builds.filter(({ state }) => state === 'live');
  const views = live.map((build) => {
    const model = build.projection as ModelName;
    return { model, reader: readerOf(build), build: `${model} as read`, table: VIEWS[model] };
  });
  return Promise.all(
    [...views, ...tables].map(async ({ table, ...names }) => ({
      ...names,
      rows: await readRows(database, SELECT[names.model](table)),
    })),
  );
}

async function readRows(database: Database, sql: string): Promise<ReadModel['rows']> {
  const { rows } = await database.query<{ key: string } & Record<string, number | bigint>>(sql);
  return rows.map(({ key, ...values }) => ({ key, values }));
}
