/** A peer: the least that answers with a row over HTTP. */
import Fastify from 'fastify';
import { Pool } from 'pg';
import { serveRounds } from '../../program';

interface BareInput {
  readonly databaseUrl: string;
  readonly port: number;
}

/** As many as a service of ours has by default. */
const DATABASE_CONNECTIONS = 8;

await serveRounds(async ({ databaseUrl, port }: BareInput) => {
  const pool = new Pool({ connectionString: databaseUrl, max: DATABASE_CONNECTIONS });
  const app = Fastify();
  app.get<{ Params: { key: string } }>('/flight/:key', async ({ params }, reply) => {
    const { rows } = await pool.query<Record<string, unknown>>({
      name: 'by-key',
      text: 'SELECT * FROM read_model.flight WHERE flight_id = $1',
      values: [params.key],
    });
    return rows[0] === undefined ? reply.status(404).send() : { row: rows[0] };
  });
  await app.listen({ host: '127.0.0.1', port });
  return () => Promise.resolve({});
});
