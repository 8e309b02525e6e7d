import { setTimeout as sleep } from 'node:timers/promises';
import { HAPPENS_WITHIN_MS } from './fault';
import type { Fault } from './fault';
import { insistently } from './insistently';
import type { Patient } from './patient';

const POLL_MS = 100;
/** How long a key is poisoned, and how long it is sound before the next one is, to bring a reader to its queues. */
const MOMENT_MS = 400;

/** Lets the handlers of a group fail for a while, goes on until some have, and says whether they did. */
export async function injectPoison(fault: Fault, patient: Patient): Promise<boolean> {
  const deadline = performance.now() + HAPPENS_WITHIN_MS;
  const endsAt = performance.now() + fault.forMs;
  const number = await insistently(() => poison(fault, patient), deadline);
  let isMet = false;
  while (!isMet && performance.now() < deadline) {
    await sleep(POLL_MS);
    isMet = await hasMet(fault, number, patient).catch(() => false);
  }
  await sleep(Math.max(0, endsAt - performance.now()));
  await insistently(
    () => patient.database.query('DELETE FROM faults.poison WHERE number = $1', [number]),
    deadline,
  );
  return isMet;
}

/** Poisons a key of each group for a moment. Never rejects: what is left behind, healing takes away. */
export async function poisonForAMoment(turn: number, patient: Patient): Promise<void> {
  const faults = ['ledger', 'outside'].map((target) => {
    return { atMs: turn, kind: 'poison-key', target, forMs: MOMENT_MS } as const;
  });
  const numbers = await Promise.all(faults.map((fault) => poison(fault, patient))).catch(() => []);
  await sleep(MOMENT_MS);
  await patient.database
    .query('DELETE FROM faults.poison WHERE number = ANY($1)', [numbers])
    .catch(() => undefined);
  await sleep(MOMENT_MS);
}

/** Takes all poison away, however long the database needs to answer. */
export async function healPoison({ database }: Pick<Patient, 'database'>): Promise<void> {
  await insistently(() => database.query('DELETE FROM faults.poison'), performance.now() + HAPPENS_WITHIN_MS);
}

/** Waits until no record is parked, or the time is over. */
export async function waitUntilDrained({ database }: Patient, until: number): Promise<void> {
  while (Date.now() < until) {
    const { rowCount } = await database
      .query(`SELECT FROM millrace.parked_record WHERE state = 'queued' LIMIT 1`)
      .catch(() => ({ rowCount: null }));
    if (rowCount === 0) return;
    await sleep(POLL_MS);
  }
}

/** The number of a poison that takes effect from now on. */
async function poison({ kind, target, atMs }: Fault, { database }: Patient): Promise<bigint> {
  const kinds: Partial<Record<Fault['kind'], string>> = { 'poison-key': 'key', 'poison-event': 'event' };
  const { rows } = await database.query<{ number: bigint }>(
    `WITH known AS (SELECT key, row_number() OVER (ORDER BY key) - 1 AS nth, count(*) OVER () AS keys
                      FROM (SELECT DISTINCT key FROM faults.effect) AS effect)
     INSERT INTO faults.poison (group_name, kind, key, failures_left)
     SELECT $1, $2, key, $3 FROM known WHERE nth = $4 % keys
     RETURNING number`,
    [target, kinds[kind] ?? 'down', kind === 'poison-event' ? 1 + (atMs % 6) : null, atMs],
  );
  const [made] = rows;
  if (made === undefined) throw new Error('no key is known yet');
  return made.number;
}

async function hasMet({ kind, target }: Fault, number: bigint, patient: Patient): Promise<boolean> {
  const { rows } = await patient.database.query<{ met: number; failures_left: number | null }>(
    'SELECT met, failures_left FROM faults.poison WHERE number = $1',
    [number],
  );
  const met = (rows[0]?.met ?? 0) > 0 && (rows[0]?.failures_left ?? 0) === 0;
  return met && (kind !== 'dependency-down' || (await isBreakerOpen(target, patient)));
}

/** Whether one of the two consumers shows that it waits for what the group calls. */
async function isBreakerOpen(group: string, patient: Patient): Promise<boolean> {
  const seen = await Promise.all(
    ['consumer', 'consumer-2'].map((name) => showsOpen(patient.url(name), group).catch(() => false)),
  );
  return seen.includes(true);
}

async function showsOpen(url: string, group: string): Promise<boolean> {
  const answer = await fetch(`${url}/v1/groups/${group}`, { signal: AbortSignal.timeout(2_000) });
  const { breakers } = (await answer.json()) as { breakers?: Readonly<Record<string, string>> };
  return Object.values(breakers ?? {}).some((state) => state !== 'closed');
}
