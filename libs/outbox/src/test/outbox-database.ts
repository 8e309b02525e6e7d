import { migrate } from '@millrace/postgres';
import type { DatabaseTransaction } from '@millrace/postgres';
import { createTestDatabase, silentLogger } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { outboxMigrations } from '../migration';

/** A service's database with an outbox in it. */
export async function createOutboxDatabase(serverUrl?: string): Promise<TestDatabase> {
  const database = await createTestDatabase(serverUrl);
  await migrate(database.pool, [outboxMigrations], silentLogger);
  return database;
}

/** A transaction that is open until it is told to end. */
export class OpenTransaction {
  private constructor(readonly tx: DatabaseTransaction) {}

  static async begin({ pool }: Pick<TestDatabase, 'pool'>): Promise<OpenTransaction> {
    const tx = await pool.connect();
    await tx.query('BEGIN');
    return new OpenTransaction(tx);
  }

  async commit(): Promise<void> {
    await this.end('COMMIT');
  }

  async rollback(): Promise<void> {
    await this.end('ROLLBACK');
  }

  private async end(how: string): Promise<void> {
    await this.tx.query(how);
    this.tx.release();
  }
}
