import { FlightLanded } from '@millrace/contracts';
import { JavaClient } from '@millrace/testing';
import { HAPPENS_WITHIN_MS } from './fault';
import type { Fault } from './fault';
import { insistently } from './insistently';
import type { Patient } from './patient';

const TOOL = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
const CONSUMERS = ['consumer', 'consumer-2'] as const;
const ANSWER_WITHIN_MS = 5_000;
/** How many records the offsets are moved back, at most. */
const MOST = 50;

/**
 * Moves the committed offsets of a group with Kafka's own tool, for which the group must be empty, and rejects that once a
 * partition has halted and said so. Whether one did is the answer.
 */
export async function moveOffset({ target: group, atMs }: Fault, patient: Patient): Promise<boolean> {
  const deadline = performance.now() + HAPPENS_WITHIN_MS;
  const members = CONSUMERS.map((name) => patient.handle(name));
  const start = () => members.map((member) => member.start());
  await Promise.all(members.map((member) => member.stop()));
  try {
    await insistently(() => moveBack(group, 1 + (atMs % MOST), patient), deadline);
  } catch (error) {
    await Promise.all(start());
    throw error;
  }
  const decided = async () => {
    const isShown = await insistently(() => showsMove(group, patient), deadline).catch(() => false);
    await insistently(() => rejectMove(group, patient), performance.now() + HAPPENS_WITHIN_MS);
    return isShown;
  };
  // One whose partition has halted is not ready before somebody has decided.
  const [isShown] = await Promise.all([decided(), ...start()]);
  return isShown;
}

/** @throws while the group has a member, or Kafka is away */
async function moveBack(group: string, by: number, patient: Patient): Promise<void> {
  const java = await JavaClient.open();
  try {
    const printed = await java.run([
      ...[TOOL, '--bootstrap-server', patient.stack.directAddresses.kafkaBrokers.join(',')],
      ...['--group', group, '--topic', FlightLanded.topic, '--reset-offsets', '--shift-by', String(-by)],
      '--execute',
    ]);
    // It prints a row for each partition, and ends with 0 without any when the group is not empty.
    if (!printed.includes(` ${FlightLanded.topic} `)) throw new Error(printed.trim());
  } finally {
    await java.close();
  }
}

/** @throws while no consumer shows it */
async function showsMove(group: string, patient: Patient): Promise<true> {
  const shown = await Promise.all(
    CONSUMERS.map((name) => reasonsIn(group, patient.url(name)).catch(() => [])),
  );
  if (shown.flat().some((reason) => reason.includes('somebody moved it'))) return true;
  throw new Error(`no consumer shows that the offsets of ${group} were moved`);
}

async function reasonsIn(group: string, url: string): Promise<string[]> {
  const answer = await fetch(`${url}/v1/groups`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const { groups } = (await answer.json()) as {
    groups: { name: string; partitions: { state: string; reason?: string }[] }[];
  };
  const partitions = groups.filter(({ name }) => name === group).flatMap((each) => each.partitions);
  return partitions.flatMap(({ state, reason = '' }) => (state === 'halted' ? [reason] : []));
}

/** @throws while nobody answers that it is rejected, or that there is nothing to reject any more */
async function rejectMove(group: string, patient: Patient): Promise<void> {
  const answers = CONSUMERS.map(async (name) => {
    const answer = await fetch(`${patient.url(name)}/v1/groups/${group}/positions/reject`, {
      ...{ method: 'POST', body: JSON.stringify({ topic: FlightLanded.topic }) },
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const { type } = (await answer.json()) as { readonly type?: string };
    if (!answer.ok && type !== 'urn:millrace:problem:nothing-moved')
      throw new Error(`the move was not rejected: ${answer.status} ${type}`);
  });
  await Promise.any(answers);
}
