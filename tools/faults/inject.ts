import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault';
import { injectProxyFault } from './inject-proxy';
import type { Patient } from './patient';

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
    case 'latency':
    case 'throttle':
    case 'split':
      return injectProxyFault(fault, patient.stack.proxies);
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

async function terminateBackends(patient: Patient): Promise<boolean> {
  const { rows } = await patient.database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  return rows.length > 0;
}

/** Members that come and go, every few seconds. */
async function churn({ target, forMs }: Fault, patient: Patient): Promise<boolean> {
  const turns = Math.max(2, Math.round(forMs / 4_000));
  for (let turn = 0; turn < turns; turn++) {
    const extra = await patient.addInstance(target);
    await sleep(forMs / turns / 2);
    await extra.stop();
    await sleep(forMs / turns / 2);
  }
  return true;
}

const CRASH_WITHIN_MS = 30_000;

/** An instance that dies at a named point: of the readers one that joins the others, of the producers the only one. */
async function crash({ target }: Fault, patient: Patient): Promise<boolean> {
  const env = { MILLRACE_CRASH_POINT: `${target}:3` };
  const isProducers = target === 'record-acknowledged';
  if (isProducers) return patient.crashProducer(env, CRASH_WITHIN_MS);
  return patient.crashReader(target === 'epoch-taken' ? 'projection' : 'consumer', env, CRASH_WITHIN_MS);
}

async function rebuild({ target }: Fault, patient: Patient): Promise<boolean> {
  const ask = (path: string, body?: object) =>
    fetch(`${patient.url('replay')}${path}`, {
      method: 'POST',
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  // The service may be down right now: that is what the other faults are for.
  for (let attempt = 0; attempt < 40; attempt++) {
    try {
      await ask(`/v1/projections/${target}/release`);
      const { status } = await ask('/v1/replays', { kind: 'rebuild', projection: target });
      // 409: one is under way already.
      if (status === 201 || status === 409) return true;
    } catch {
      // Asked again.
    }
    await sleep(500);
  }
  return false;
}
