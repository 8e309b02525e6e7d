import { migrate } from '@millrace/postgres';
import type { DatabaseTransaction } from '@millrace/postgres';
import { Outbox, outboxMigrations } from '@millrace/outbox';
import { createTestDatabase, readLog, silentLogger } from '@millrace/testing';
import type { StoredRecord, TestDatabase } from '@millrace/testing';
import type { EventType } from '@millrace/contracts';

/** The source of everything that a test appends. */
export const SOURCE = '/specs/outbox';

/** A service's database with an outbox, and transactions in which the service appends. */
export class OutboxUnderTest {
  private readonly outbox = new Outbox({ source: SOURCE });

  private constructor(
    readonly database: TestDatabase,
    private readonly event: { readonly type: EventType<never>; readonly value: (key: string) => object },
  ) {}

  static async create(
    event: { readonly type: EventType<never>; readonly value: (key: string) => object },
    serverUrl?: string,
  ): Promise<OutboxUnderTest> {
    const database = await createTestDatabase(serverUrl);
    await migrate(database.pool, [outboxMigrations], silentLogger);
    return new OutboxUnderTest(database, event);
  }

  async begin(): Promise<DatabaseTransaction> {
    const tx = await this.database.pool.connect();
    await tx.query('BEGIN');
    return tx;
  }

  async append(
    tx: DatabaseTransaction,
    key: string,
    id: string,
    extensions: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.outbox.append(tx, this.event.type, this.event.value(key) as never, { id, extensions });
  }

  async end(tx: DatabaseTransaction, how: 'COMMIT' | 'ROLLBACK' = 'COMMIT'): Promise<void> {
    await tx.query(how);
    tx.release();
  }

  /** Each event in a transaction of its own, one after the other. */
  async commit(key: string, ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const tx = await this.begin();
      await this.append(tx, key, id);
      await this.end(tx);
    }
  }

  /** Writes a row as somebody may who does not use the lib. */
  async appendRaw(fields: { key: string | null; id: string; type?: string; data?: string }): Promise<bigint> {
    const { key, id, type = this.event.type.type, data = '{}' } = fields;
    const [row] = await this.database.query<{ number: bigint }>(
      'SELECT millrace_outbox.append($1, $2, $3, $4, $5, $6) AS number',
      [this.event.type.topic, key, type, id, SOURCE, data],
    );
    return row?.number ?? 0n;
  }

  async position(): Promise<bigint> {
    const [row] = await this.database.query<{ position: bigint }>(
      'SELECT position FROM millrace_outbox.relay',
    );
    return row?.position ?? 0n;
  }
}

/** The ids of a topic's records in the order of each key. */
export async function idsByKey(topic: string, brokers?: readonly string[]): Promise<Map<string, string[]>> {
  const byKey = Map.groupBy(await readLog(topic, brokers), ({ key }: StoredRecord) => String(key));
  return new Map(
    [...byKey].map(([key, records]) => [key, records.map(({ headers }) => headers['ce_id'] ?? '')]),
  );
}
