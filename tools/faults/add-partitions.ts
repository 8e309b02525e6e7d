import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaClient, withCluster } from '@millrace/kafka';
import { growTopic, silentLogger, waitFor } from '@millrace/testing';
import { askForRebuild } from './ask-for-rebuild';
import type { Fault } from './fault';
import type { Patient } from './patient';

const ANSWER_WITHIN_MS = 30_000;

/**
 * Gives the topic one more partition while it is published to. One producer is started again and knows of it, the other
 * has not heard yet: keys lie in two partitions from here on. Rebuilds have to be refused for that reason.
 */
export async function addPartitions({ target: topic, forMs }: Fault, patient: Patient): Promise<boolean> {
  const brokers = patient.stack.directAddresses.kafkaBrokers;
  const kafka = createKafkaClient({ brokers, clientId: 'faults', log: silentLogger });
  return withCluster(kafka, async (cluster) => {
    const before = (await cluster.logBounds(topic)).length;
    await growTopic(topic, before + 1, brokers);
    await patient.handle('producer-2').restart();
    await sleep(forMs);
    for (const projection of ['ledgerLast', 'ledgerSum']) await expectRefusal(patient, projection);
    return (await cluster.logBounds(topic)).length === before + 1;
  });
}

/** One that was under way before stands still, which is seen when it has to be settled. */
async function expectRefusal(patient: Patient, projection: string): Promise<void> {
  const { status, body } = await waitFor(
    'an answer of the replay service',
    async () => {
      const answer = await askForRebuild(patient, projection);
      return answer.status < 500 && answer;
    },
    ANSWER_WITHIN_MS,
  );
  if (status === 409 || (status === 422 && body.includes('partition-count'))) return;
  throw new Error(
    `a rebuild in a topic with more partitions than before was answered with ${status} ${body}`,
  );
}
