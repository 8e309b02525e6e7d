import type { Pool, PoolClient } from 'pg';

/**
 * A connection that one process at most has under a name, for as long as the connection lives: the lock and the work go
 * over the same connection, so whoever lost the lock cannot write either.
 */
export class ExclusiveSession {
  private lost: Error | undefined;

  private constructor(readonly client: PoolClient) {
    client.on('error', (error) => (this.lost = error));
  }

  /** `undefined` when another process has it. */
  static async tryOpen(pool: Pool, name: string): Promise<ExclusiveSession | undefined> {
    const session = new ExclusiveSession(await pool.connect());
    try {
      const { rows } = await session.client.query<{ mine: boolean }>(
        'SELECT pg_try_advisory_lock(hashtext($1)) AS mine',
        [name],
      );
      if (rows[0]?.mine === true) return session;
    } catch (error) {
      session.close();
      throw error;
    }
    session.close();
    return undefined;
  }

  get isLost(): boolean {
    return this.lost !== undefined;
  }

  /** Ends the connection, and with it the lock. */
  close(): void {
    this.client.release(true);
  }
}
