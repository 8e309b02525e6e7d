import { waitFor } from '@millrace/testing';
import type { TestDatabase, TestService } from '@millrace/testing';
import { runRace } from '../../run-figure';
import { consumerProgram } from '../contestants/consumer-program';
import { millraceGroup } from '../contestants/millrace-group';
import { withDatabase } from '../contestants/with-database';
import type { DeliverFigure } from '../deliver';
import { SINCE_VARIABLE } from '../groups/counted-here';
import { countingOf } from '../handled';
import { KEYS } from '../keys';
import { CONCURRENCY } from '../programs/consume';

const FEWER = 2;
const FEWEST = 50;
const PARKED_WITHIN_MS = 120_000;

/** How fast the queues of a group empty once what they failed for is mended. */
export const drainParked: DeliverFigure = {
  name: 'drain-parked',
  what: 'records/s from a redrive of all that is parked to the last of it, beside one transaction a record',
  run: async (stack, { events, rounds }, print) => {
    const counted = Math.ceil(events / FEWER);
    const few = countingOf(Math.ceil(events / FEWEST));
    const since = await stack.fillKeyed(counted);
    const ours = millraceGroup({
      ...{ stack, group: 'drain', counting: { warmUp: 0, counted }, variables: { [SINCE_VARIABLE]: since } },
      settings:
        'the consumer service, every key fenced, one upsert an event; from the redrive of all to the last, the redrive counted too',
      prepare: async (service, database) => {
        await allParked(database, counted);
        await mend(service);
      },
    });
    const loop = withDatabase(
      stack,
      'transaction-a-record',
      `a plain loop over a table, one transaction a record with the upsert and its removal; ${CONCURRENCY} loops at once, nothing to decode`,
      (databaseUrl) =>
        consumerProgram({
          ...{ name: '', settings: '', program: 'parked-loop', input: { ...few, databaseUrl } },
        }),
    );
    const metrics = [{ key: 'rate', name: 'drain-parked', unit: 'records/s' }];
    const title = `Drain: ${counted.toLocaleString('en-US')} parked records of ${KEYS.toLocaleString('en-US')} keys, and ${few.counted.toLocaleString('en-US')} after ${few.warmUp.toLocaleString('en-US')} that warm up for the peer`;
    return runRace({ title, metrics, ours, peers: [loop], warmUpRounds: 0 }, { rounds, print });
  },
};

async function allParked(database: TestDatabase, records: number): Promise<void> {
  const parked = async (): Promise<boolean> => {
    const rows = await database.query<{ records: number }>(
      'SELECT count(*)::int AS records FROM millrace.parked_record',
    );
    return (rows[0]?.records ?? 0) >= records;
  };
  await waitFor('all records to be parked', parked, PARKED_WITHIN_MS);
}

async function mend({ url }: TestService): Promise<void> {
  await post(`${url}/bench/mend`, {});
  await post(`${url}/v1/groups/bench-drain/parked/redrive`, { all: true });
}

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}
