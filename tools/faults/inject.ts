import { setTimeout as sleep } from 'node:timers/promises';
import { addPartitions } from './add-partitions';
import { askForRebuild } from './ask-for-rebuild';
import { dyingInPlaceOf, HAPPENS_WITHIN_MS } from './fault';
import type { Fault } from './fault';
import { injectPoison, poisonForAMoment } from './inject-poison';
import { injectProxyFault } from './inject-proxy';
import { moveOffset } from './move-offset';
import type { Patient } from './patient';
import type { ServiceName } from './services';

/** As PostgreSQL knows the sessions of the relays. */
const RELAY_SESSIONS = 'millrace-outbox-relay';

/** Does a fault to the patient, waits for its end, and says whether it really happened. */
export async function inject(fault: Fault, patient: Patient): Promise<boolean> {
  switch (fault.kind) {
    case 'kill':
      return kill(fault, patient);
    case 'suspend':
    case 'suspend-long':
      return suspend(fault, patient);
    case 'terminate-backends':
      return terminateBackends(patient);
    case 'churn':
      return churn(fault, patient);
    case 'crash-point':
      return crash(fault, patient);
    case 'rebuild':
      return rebuild(fault, patient);
    case 'produce-response-lost':
    case 'reset':
    case 'silence':
    case 'half-open':
    case 'latency':
    case 'throttle':
    case 'split':
      return injectProxyFault(fault, patient);
    case 'poison-key':
    case 'poison-event':
    case 'dependency-down':
      return injectPoison(fault, patient);
    case 'move-offset':
      return moveOffset(fault, patient);
    case 'partitions-added':
      return addPartitions(fault, patient);
  }
}

async function kill({ target, forMs }: Fault, patient: Patient): Promise<boolean> {
  const handle = patient.handle(target);
  const ran = handle.pid !== undefined;
  await handle.kill('SIGKILL');
  await sleep(forMs);
  await handle.start();
  return ran;
}

async function suspend({ target, forMs }: Fault, patient: Patient): Promise<boolean> {
  const handle = patient.handle(target);
  const { pid } = handle;
  if (pid === undefined) return false;
  await handle.kill('SIGSTOP');
  await sleep(forMs);
  await handle.kill('SIGCONT');
  return handle.pid === pid;
}

const SESSIONS_WITHIN_MS = 30_000;

async function terminateBackends(patient: Patient): Promise<boolean> {
  const deadline = performance.now() + SESSIONS_WITHIN_MS;
  do {
    const { rows } = await patient.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    if (rows.length > 0) return true;
    // The network may have cut them all just before.
    await sleep(100);
  } while (performance.now() < deadline);
  return false;
}

/** Members that come and go, every few seconds. */
async function churn({ target, forMs }: Fault, patient: Patient): Promise<boolean> {
  const turns = Math.max(2, Math.round(forMs / 4_000));
  for (let turn = 0; turn < turns; turn++) {
    const extra = await patient.addInstance(target === 'consumer' ? 'consumer' : 'projection');
    await sleep(forMs / turns / 2);
    await extra.stop();
    await sleep(forMs / turns / 2);
  }
  return true;
}

const REBUILD_EVERY_MS = 500;
/** Crash points that only those pass who park records and drain their queues. */
const QUEUE_POINTS = ['record-parked', 'queue-effects-written', 'queued-call-made', 'queue-drained'];

/** An instance that dies at a named point: of the readers one that joins the others, else one that takes the place. */
async function crash({ target }: Fault, patient: Patient): Promise<boolean> {
  const place = dyingInPlaceOf(target);
  if (place === 'replay') {
    return patient.crashInPlaceOf(place, {
      env: { MILLRACE_CRASH_POINT: `${target}:1` },
      withinMs: HAPPENS_WITHIN_MS,
      provoke: () => rebuildAll(patient),
    });
  }
  const death = { env: { MILLRACE_CRASH_POINT: `${target}:3` }, withinMs: HAPPENS_WITHIN_MS };
  if (target.startsWith('outbox-')) {
    const provoke = () => giveTurnAtOutboxTo('producer-2', patient);
    return patient.crashInPlaceOf('producer-2', { ...death, provoke });
  }
  if (place !== undefined) return patient.crashInPlaceOf(place, death);
  if (QUEUE_POINTS.includes(target)) {
    let turn = 0;
    return patient.crashReader('consumer', {
      env: { MILLRACE_CRASH_POINT: `${target}:1` },
      withinMs: HAPPENS_WITHIN_MS,
      provoke: () => poisonForAMoment((turn += 1), patient),
    });
  }
  return patient.crashReader(target === 'epoch-taken' ? 'projection' : 'consumer', death);
}

const TURN_MS = 1_500;

/** Ends the turn of any other relay at the outbox; one that works already is left to it. */
async function giveTurnAtOutboxTo(name: ServiceName, patient: Patient): Promise<void> {
  if (!(await isRelaying(name, patient))) {
    await patient.database
      .query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = $1 AND datname = current_database()`,
        [RELAY_SESSIONS],
      )
      .catch(() => undefined);
  }
  await sleep(TURN_MS);
}

async function isRelaying(name: ServiceName, patient: Patient): Promise<boolean> {
  try {
    const answer = await fetch(`${patient.url(name)}/v1/outbox`, { signal: AbortSignal.timeout(TURN_MS) });
    const { state } = (await answer.json()) as { readonly state?: unknown };
    return state === 'relaying';
  } catch {
    // It is away, or its database is.
    return false;
  }
}

/** Asks for a rebuild of every read model; whoever is asked may die of it. */
async function rebuildAll(patient: Patient): Promise<void> {
  for (const projection of ['ledgerLast', 'ledgerSum']) {
    await askForRebuild(patient, projection).catch(() => undefined);
  }
  await sleep(REBUILD_EVERY_MS);
}

async function rebuild({ target }: Fault, patient: Patient): Promise<boolean> {
  // The service may be down right now: that is what the other faults are for.
  const deadline = performance.now() + HAPPENS_WITHIN_MS;
  do {
    const answer = await askForRebuild(patient, target).catch(() => undefined);
    if (answer?.status === 201 || answer?.status === 409) return true;
    await sleep(REBUILD_EVERY_MS);
  } while (performance.now() < deadline);
  return false;
}
