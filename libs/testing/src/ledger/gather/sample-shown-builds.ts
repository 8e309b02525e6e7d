import { FlightLanded } from '@millrace/contracts';
import { buildTable } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import type { ModelName, ShownBuild } from '../evidence';

const VIEWS: Readonly<Record<ModelName, string>> = { ledgerLast: 'ledger_last', ledgerSum: 'ledger_sum' };

interface LiveRow {
  projection: ModelName;
  build: number;
  version: number;
  shown: string;
  positions: Readonly<Record<string, string>>;
}

/**
 * Which build the readers of each read model are shown at this moment, which one is live, and where that one stands, in
 * one snapshot. A read model without a live build is left out. @throws when PostgreSQL does not answer.
 */
export async function sampleShownBuilds(database: Database): Promise<ShownBuild[]> {
  const { rows } = await database.query<LiveRow>(
    `SELECT projection, build, version, table_schema || '.' || table_name AS shown,
            (SELECT coalesce(jsonb_object_agg(partition, next_offset::text), '{}') FROM millrace.position
              WHERE position.reader = live.reader AND topic = $2) AS positions
       FROM millrace.projection_build AS live
       JOIN information_schema.view_table_usage
         ON view_schema = 'read_model' AND view_name = $1::jsonb ->> projection AND table_schema = view_schema
      WHERE state = 'live'`,
    [JSON.stringify(VIEWS), FlightLanded.topic],
  );
  const at = Date.now();
  return rows.map(({ projection: model, shown, positions, build, version }) => ({
    at,
    model,
    shown,
    live: buildTable({ projection: model, build, version }),
    nextOffsets: Object.entries(positions).map(([partition, next]) => [Number(partition), BigInt(next)]),
  }));
}
