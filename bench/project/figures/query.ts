import { freePort } from '@millrace/stack';
import type { Contestant } from '../../figure';
import { Program } from '../../program';
import { runRace } from '../../run-figure';
import type { ProjectFigure } from '../project';
import type { ProjectStack } from '../project-stack';
import { ReadModel } from '../read-model';

const CONNECTIONS = [16, 64];
const REQUESTS = 20_000;
/** Flights in the model: a key is found by an index, and more rows change little. */
const MOST_EVENTS = 600_000;

/** How many rows a second are given out by key. */
export const query: ProjectFigure = {
  name: 'query',
  what: 'requests/s for one row by its key, beside a bare Fastify with a prepared statement',
  run: async (stack, { rounds }, print) => {
    await stack.fill(Math.min(stack.events, MOST_EVENTS));
    const readModel = await ReadModel.start(stack, { projection: 'flight' });
    try {
      await readModel.caughtUp(await stack.logEnd());
      for (const connections of CONNECTIONS) {
        const ours = await underLoad(stack, {
          ...{ name: 'millrace', url: readModel.url, connections },
          settings:
            'GET /v1/projections/flight/<key> of the projection service, by default settings; each answer has its positions',
        });
        const bare = await bareFastify(stack, readModel.database.url, connections);
        const metrics = [{ key: 'rate', name: `query-${connections}-connections`, unit: 'requests/s' }];
        const title = `Query by key: ${REQUESTS.toLocaleString('en-US')} requests a round, ${connections} connections kept alive, keys at random`;
        await runRace({ title, metrics, ours, peers: [bare], warmUpRounds: 1 }, { rounds, print });
      }
    } finally {
      await readModel.close();
    }
  },
};

async function underLoad(
  stack: ProjectStack,
  target: {
    readonly name: string;
    readonly settings: string;
    readonly url: string;
    readonly connections: number;
  },
): Promise<Contestant> {
  const { name, settings, url, connections } = target;
  const flights = await rowsThere(stack);
  const load = await Program.start('project/programs/get-load.js', {
    ...{ url, connections, requests: REQUESTS, flights, ofAll: stack.events / 2 },
  });
  return { name, settings, round: () => load.round(), close: () => load.close() };
}

async function bareFastify(
  stack: ProjectStack,
  databaseUrl: string,
  connections: number,
): Promise<Contestant> {
  const port = await freePort();
  const server = await Program.start('project/programs/bare-query.js', { databaseUrl, port });
  const load = await underLoad(stack, {
    ...{ name: 'bare-fastify', url: `http://127.0.0.1:${port}/flight`, connections },
    settings:
      'Fastify and one prepared statement of pg by key over the same view, 8 connections to PostgreSQL; no positions',
  });
  return {
    ...load,
    close: async () => {
      await load.close();
      await server.close();
    },
  };
}

/** Those who have departed for sure, whatever else lies between: the first half of what is in the log. */
async function rowsThere(stack: ProjectStack): Promise<number> {
  return Math.floor(Math.min(await stack.logEnd(), stack.events) / 4);
}
