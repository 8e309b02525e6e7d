import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaClient, KafkaCluster } from '@millrace/kafka';
import { readBuilds } from '@millrace/postgres';
import { readerOf } from '@millrace/projecting';
import {
  checkLedger,
  gatherEvidence,
  LedgerGenerator,
  sampleLags,
  SeededChoices,
  silentLogger,
} from '@millrace/testing';
import type { Circumstances, Findings, GeneratorSummary, LagSample, MemorySample } from '@millrace/testing';
import { describeFault, hurtBy } from './fault';
import type { Fault } from './fault';
import { inject } from './inject';
import { sampleMemory } from './memory';
import type { FaultsOptions } from './options';
import { Patient } from './patient';
import { planFaults } from './schedule';
import { settleRebuilds } from './settle-rebuilds';

export interface RunResult {
  readonly findings: readonly Findings[];
  readonly faults: readonly Fault[];
  readonly published: GeneratorSummary;
  /** Where the attempts, the schedule and the logs are. */
  readonly directory: string;
}

const SETTLE_MS = 60_000;
const MEMORY_EVERY_MS = 2_000;

/** One run: start, publish, hurt, heal, wait, and examine. What happens is printed as it happens. */
export async function runFaults(
  options: FaultsOptions,
  { tree, print }: { readonly tree: string | undefined; readonly print: (line: string) => void },
): Promise<{ result: RunResult; close: () => Promise<void> }> {
  const faults = planFaults(SeededChoices.for(options.seed, 'faults'), options);
  print(`Schedule (seed ${options.seed})`);
  for (const fault of faults) print(describeFault(fault));
  const patient = await Patient.start(tree);
  try {
    const { directory } = patient.stack;
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'schedule.txt'), `${faults.map(describeFault).join('\n')}\n`);
    const file = join(directory, 'attempts.ndjson');
    const generator = await LedgerGenerator.start({
      run: `r${options.seed}`,
      seed: options.seed,
      producerUrls: [patient.url('producer'), patient.url('producer-2')],
      file,
      eventsPerSecond: options.rate,
      keys: options.keys,
    });
    const { injected, memory } = await hurt(faults, patient, print);
    print('Healing');
    await patient.heal();
    const lastFaultAt = Date.now();
    const published = await generator.stop({ settleMs: SETTLE_MS / 2 });
    const lags = await waitUntilRead(patient, lastFaultAt + SETTLE_MS);
    await settleRebuilds(patient, SETTLE_MS);
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = patient.stack.directAddresses;
    memory.push(...(await sampleMemory(patient.running)));
    const evidence = await gatherEvidence({
      attemptsFile: file,
      brokers,
      registryUrl,
      database: patient.database,
    });
    const circumstances: Circumstances = {
      lastFaultAt,
      lags,
      memory,
      scheduled: countByName(faults),
      injected: countByName(injected),
    };
    const findings = checkLedger(evidence, circumstances);
    return { result: { findings, faults, published, directory }, close: () => patient.stop() };
  } catch (error) {
    await patient.stop();
    throw error;
  }
}

/** Injects each fault at its time; those of one target one after the other, all others as they come. */
async function hurt(
  faults: readonly Fault[],
  patient: Patient,
  print: (line: string) => void,
): Promise<{ injected: Fault[]; memory: MemorySample[] }> {
  const startedAt = performance.now();
  const injected: Fault[] = [];
  const memory: MemorySample[] = [];
  const busy = new Map<string, Promise<void>>();
  const sampling = setInterval(() => {
    void sampleMemory(patient.running).then((samples) => memory.push(...samples));
  }, MEMORY_EVERY_MS);
  const one = async (fault: Fault, before: Promise<void> | undefined) => {
    await before;
    print(
      `${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${fault.kind} ${fault.target}`,
    );
    const happened = await inject(fault, patient).catch((error: unknown) => {
      print(`          ${fault.kind} ${fault.target} failed: ${String(error)}`);
      return false;
    });
    if (happened) injected.push(fault);
  };
  try {
    for (const fault of faults) {
      await sleep(Math.max(0, startedAt + fault.atMs - performance.now()));
      const hurt = hurtBy(fault);
      busy.set(hurt, one(fault, busy.get(hurt)));
    }
    await Promise.all(busy.values());
  } finally {
    clearInterval(sampling);
  }
  return { injected, memory };
}

/** Samples lags until all are zero or the time is over. */
async function waitUntilRead(patient: Patient, until: number): Promise<LagSample[]> {
  const brokers = patient.stack.directAddresses.kafkaBrokers;
  const cluster = new KafkaCluster(createKafkaClient({ brokers, clientId: 'faults', log: silentLogger }));
  const lags: LagSample[] = [];
  try {
    for (;;) {
      const readers = await presentReaders(patient.database).catch(() => undefined);
      const present = await sampleLags(cluster, patient.database, readers).catch(() => undefined);
      lags.push(...(present ?? []));
      if (present?.every(({ lag }) => lag === 0n) === true || Date.now() > until) return lags;
      await sleep(500);
    }
  } finally {
    await cluster.close();
  }
}

/** The group, and every build that is not released: a rebuild makes others in the middle of a run. */
async function presentReaders(database: Patient['database']): Promise<string[]> {
  const builds = await readBuilds(database, ['ledgerLast', 'ledgerSum']);
  return ['group/ledger', ...builds.map(readerOf)];
}

function countByName(faults: readonly Fault[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind, target } of faults) counts[`${kind} ${target}`] = (counts[`${kind} ${target}`] ?? 0) + 1;
  return counts;
}
