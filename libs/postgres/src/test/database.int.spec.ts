import { createTestDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';

describe('a connection that the server ends', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  // A service ended with "nobody handled an error": the server's last words came in one piece with the answer that made
  // the connection ready, after the pool had ceased to listen and before the borrower had begun.
  it('never ends the process, not at the moment in which it is borrowed, and not after it was given up', async () => {
    const client = await database.pool.connect();
    expect(() => client.emit('error', new Error('terminating connection'))).not.toThrow();
    client.release(true);
    expect(() => client.emit('error', new Error('terminating connection'))).not.toThrow();
  });
});
