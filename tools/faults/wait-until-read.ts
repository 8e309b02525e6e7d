import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaClient, withCluster } from '@millrace/kafka';
import { readBuilds } from '@millrace/postgres';
import { readerOf } from '@millrace/projecting';
import { sampleLags, silentLogger } from '@millrace/testing';
import type { HaltedPartition, LagSample } from '@millrace/testing';
import { haltedShown } from './halted-shown';
import type { Patient } from './patient';

/** Samples lags until each is zero, or its reader has halted and shows that partitions were added, or the time is over. */
export async function waitUntilRead(
  patient: Patient,
  until: number,
): Promise<{ lags: LagSample[]; halted: readonly HaltedPartition[] }> {
  const brokers = patient.stack.directAddresses.kafkaBrokers;
  const kafka = createKafkaClient({ brokers, clientId: 'faults', log: silentLogger });
  const lags: LagSample[] = [];
  return withCluster(kafka, async (cluster) => {
    for (;;) {
      const readers = await presentReaders(patient.database).catch(() => undefined);
      const present = await sampleLags(cluster, patient.database, readers).catch(() => undefined);
      lags.push(...(present ?? []));
      const halted = await haltedShown(patient).catch(() => []);
      const isHalted = ({ reader, topic, partition }: LagSample) =>
        halted.some((each) => each.reader === reader && each.topic === topic && each.partition === partition);
      const isSettled = present?.every((sample) => sample.lag === 0n || isHalted(sample));
      if (isSettled === true || Date.now() > until) return { lags, halted };
      await sleep(500);
    }
  });
}

/** The groups, and every build that is not released: a rebuild makes others in the middle of a run. */
async function presentReaders(database: Patient['database']): Promise<string[]> {
  const builds = await readBuilds(database, ['ledgerLast', 'ledgerSum']);
  return ['group/ledger', 'group/outside', ...builds.map(readerOf)];
}
