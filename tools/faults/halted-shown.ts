import { readerOf } from '@millrace/projecting';
import { PARTITION_COUNT_CHANGED } from '@millrace/testing';
import type { HaltedPartition } from '@millrace/testing';
import type { Patient } from './patient';
import type { ServiceName } from './services';

interface Shown {
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly state: string;
    readonly reason?: string;
  }[];
}

const READERS: readonly ServiceName[] = ['consumer', 'consumer-2', 'projection', 'projection-2'];

/**
 * The partitions that have halted for their number, as operators see it: the services list them with the reason, and one
 * that halts in what is live is not ready. What a service that calls itself ready says is left out.
 */
export async function haltedShown(patient: Patient): Promise<HaltedPartition[]> {
  return (await Promise.all(READERS.map((name) => haltedIn(patient, name)))).flat();
}

async function haltedIn(patient: Patient, name: ServiceName): Promise<HaltedPartition[]> {
  const url = patient.url(name);
  const [health, ...readers] = await Promise.all([
    fetch(`${url}/health/ready`),
    ...(name.startsWith('consumer') ? [groupsOf(url)] : [buildsOf(url)]),
  ]);
  const isReady = health.ok;
  await health.body?.cancel();
  return readers.flat().flatMap(({ reader, isJudged, partitions }) =>
    partitions.flatMap(({ topic, partition, state, reason = '' }) => {
      const isShown = state === 'halted' && !(isJudged && isReady);
      return isShown && PARTITION_COUNT_CHANGED.test(reason) ? [{ reader, topic, partition, reason }] : [];
    }),
  );
}

async function groupsOf(url: string) {
  const { groups } = (await (await fetch(`${url}/v1/groups`)).json()) as {
    groups: readonly (Shown & { readonly name: string })[];
  };
  return groups.map(({ name, partitions }) => ({ reader: `group/${name}`, isJudged: true, partitions }));
}

/** A build that is not live makes nobody unready: it is for whoever watches its rebuild. */
async function buildsOf(url: string) {
  const { projections } = (await (await fetch(`${url}/v1/projections`)).json()) as {
    projections: readonly {
      readonly name: string;
      readonly builds: readonly (Shown & { build: number; version: number; role: string })[];
    }[];
  };
  return projections.flatMap(({ name: projection, builds }) =>
    builds.map(({ build, version, role, partitions }) => ({
      reader: readerOf({ projection, build, version }),
      isJudged: role === 'live',
      partitions,
    })),
  );
}
