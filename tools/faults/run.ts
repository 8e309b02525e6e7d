import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  checkLedger,
  gatherEvidence,
  LedgerGenerator,
  readMemoryReport,
  SeededChoices,
} from '@millrace/testing';
import type { Circumstances, Findings, GeneratorSummary } from '@millrace/testing';
import { describeError } from './describe-error';
import { describeFault, hurtBy } from './fault';
import type { Fault } from './fault';
import { inject } from './inject';
import { waitUntilDrained } from './inject-poison';
import { keep } from './keep';
import type { FaultsOptions } from './options';
import { Patient } from './patient';
import { planAdditions, planFaults, planLastFault } from './schedule';
import { settleRebuilds } from './settle-rebuilds';
import { waitUntilRead } from './wait-until-read';
import { waitUntilRelayed } from './wait-until-relayed';
import { Watch } from './watch';

export interface RunResult {
  readonly findings: readonly Findings[];
  readonly faults: readonly Fault[];
  readonly published: GeneratorSummary;
  /** Where the attempts, the schedule and the logs are. */
  readonly directory: string;
}

/** A run did not come to its examination. */
export class RunNotExaminedError extends Error {
  override readonly name = 'RunNotExaminedError';

  constructor(kept: string, cause: unknown) {
    super(`the run could not be examined (${describeError(cause)}); kept in ${kept}`, { cause });
  }
}

const SETTLE_MS = 60_000;
/** Of the keys, how many go through the outbox. */
const OUTBOX_SHARE = 0.34;

/**
 * One run: start, publish, hurt, heal, wait, and examine. What happens is printed as it happens.
 * @throws RunNotExaminedError when it cannot be brought to its examination; everything is kept then, too.
 */
export async function runFaults(
  options: FaultsOptions,
  { tree, print }: { readonly tree: string | undefined; readonly print: (line: string) => void },
): Promise<{ result: RunResult; close: () => Promise<void> }> {
  const among = [
    ...planFaults(SeededChoices.for(options.seed, 'faults'), options),
    ...planAdditions(SeededChoices.for(options.seed, 'additions'), options),
  ].toSorted((one, other) => one.atMs - other.atMs);
  const last = planLastFault(SeededChoices.for(options.seed, 'last fault'), options);
  const faults = last === undefined ? among : [...among, last];
  print(`Schedule (seed ${options.seed})`);
  for (const fault of faults) print(describeFault(fault));
  const patient = await Patient.start(tree, options);
  const watch = new Watch(patient);
  try {
    const { directory } = patient.stack;
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'schedule.txt'), `${faults.map(describeFault).join('\n')}\n`);
    const file = join(directory, 'attempts.ndjson');
    const { kafkaBrokers, schemaRegistryUrl: registry } = patient.stack.addresses;
    const generator = await LedgerGenerator.start({
      run: `r${options.seed}`,
      seed: options.seed,
      producerUrls: [patient.url('producer'), patient.url('producer-2')],
      file,
      // Straight to Kafka nobody reserves: such events are refused.
      ...(options.window ? {} : { kafka: { brokers: kafkaBrokers, registryUrl: registry } }),
      clientShare: 0.5,
      eventsPerSecond: options.rate,
      keys: options.keys,
      outboxShare: OUTBOX_SHARE,
      outboxDatabaseUrl: patient.stack.addresses.databaseUrl,
    });
    const startedAt = performance.now();
    const injected = await hurt(among, { patient, startedAt, print });
    print('Healing');
    await patient.heal();
    // Readers that have to halt are not ready any more: whatever a fault has stopped must be there again before.
    // What was parked has to be drained by then, too: a partition that has halted is nobody's to drain.
    if (last !== undefined) await waitUntilDrained(patient, Date.now() + SETTLE_MS);
    if (last !== undefined) injected.push(...(await hurt([last], { patient, startedAt, print })));
    const lastFaultAt = Date.now();
    const published = await generator.stop({ settleMs: SETTLE_MS / 2 });
    await waitUntilRelayed(patient, lastFaultAt + SETTLE_MS);
    const { lags, halted } = await waitUntilRead(patient, lastFaultAt + SETTLE_MS);
    if (halted.length > 0) print(`Halted, and shown as that: ${halted.length} partitions of readers`);
    const openRebuilds = await settleRebuilds(patient, SETTLE_MS);
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = patient.stack.directAddresses;
    await watch.stop();
    const evidence = await gatherEvidence({
      attemptsFile: file,
      brokers,
      registryUrl,
      database: patient.database,
      halted: last === undefined ? [] : halted,
    });
    const circumstances: Circumstances = {
      lastFaultAt,
      lags,
      memory: await readMemoryReport(patient.memoryFile),
      shown: watch.shown,
      openRebuilds,
      isWindowed: options.window,
      scheduled: countByName(faults),
      injected: countByName(injected),
    };
    const findings = checkLedger(evidence, circumstances);
    return { result: { findings, faults, published, directory }, close: () => patient.stop() };
  } catch (error) {
    await watch.stop().catch(() => undefined);
    const kept = await keep(patient.stack.directory, String(options.seed));
    await patient.stop();
    throw new RunNotExaminedError(kept, error);
  }
}

interface Hurting {
  readonly patient: Patient;
  /** What the times of the faults count from, in `performance.now()` time. */
  readonly startedAt: number;
  readonly print: (line: string) => void;
}

/** Injects each fault at its time; those of one target one after the other, all others as they come. */
async function hurt(faults: readonly Fault[], { patient, startedAt, print }: Hurting): Promise<Fault[]> {
  const injected: Fault[] = [];
  const busy = new Map<string, Promise<unknown>>();
  const one = async (fault: Fault, before: Promise<unknown>) => {
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
  for (const fault of faults) {
    await sleep(Math.max(0, startedAt + fault.atMs - performance.now()));
    const hurt = hurtBy(fault);
    const work = one(fault, Promise.all(hurt.map((each) => busy.get(each) ?? Promise.resolve())));
    for (const each of hurt) busy.set(each, work);
  }
  await Promise.all(busy.values());
  return injected;
}

function countByName(faults: readonly Fault[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind, target } of faults) counts[`${kind} ${target}`] = (counts[`${kind} ${target}`] ?? 0) + 1;
  return counts;
}
