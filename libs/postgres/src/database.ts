import type { Logger } from '@millrace/contracts';
import { Pool, TypeOverrides, types } from 'pg';

export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database`. Never logged. */
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Connections held at most. Default 8. */
  readonly poolSize?: number;
  /**
   * A session that sits idle inside a transaction for so long is ended, so that a suspended process cannot hold
   * a partition's row for longer than its group's session. Default 20,000 ms.
   */
  readonly idleInTransactionMs?: number;
  /** Each statement is ended after so long. Default: never. */
  readonly statementTimeoutMs?: number;
  /** Settings of every session, such as `default_transaction_read_only`. */
  readonly session?: Readonly<Record<string, string>>;
  readonly log: Logger;
}

/** A connection pool whose 64-bit integers are `bigint`, in both directions. It connects when first used. */
export function openDatabase(options: DatabaseOptions): Pool {
  const parsers = new TypeOverrides();
  parsers.setTypeParser(types.builtins.INT8, BigInt);
  const pool = new Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.poolSize ?? 8,
    connectionTimeoutMillis: 5_000,
    idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 20_000,
    ...(options.statementTimeoutMs === undefined ? {} : { statement_timeout: options.statementTimeoutMs }),
    ...(options.session === undefined ? {} : { options: sessionOptions(options.session) }),
    types: parsers,
  });
  // The pool listens while a connection is idle, and whoever borrows it while it is borrowed. In between, when several
  // messages of the server come at once, and after it was given up, nobody would.
  pool.on('connect', (client) => client.on('error', () => undefined));
  // Without a listener an idle connection that the server ends would end the process.
  pool.on('error', (error) =>
    options.log.warn({ error: error.message }, 'an idle database connection was lost'),
  );
  return pool;
}

function sessionOptions(session: Readonly<Record<string, string>>): string {
  return Object.entries(session)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
