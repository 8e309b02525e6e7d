/** A thread that folds: what a projection service does beside answering, for the partitions that Kafka gives to this member. */
import { parentPort, workerData } from 'node:worker_threads';
import { catalogue } from '@millrace/contracts';
import { Servers } from '@millrace/reading';
import { createLogger } from '@millrace/service';
import { BuildFollower } from './build-follower';
import type { FoldThreadData, FromFoldThread, ToFoldThread } from './fold-thread-messages';
import { loadProjections } from './load-projections';

const TELL_MS = 200;

const port = parentPort;
if (port === null) throw new Error('fold-thread runs as a worker thread of the projection service');
const { settings } = workerData as FoldThreadData;
const log = createLogger({ name: 'projection', level: settings.LOG_LEVEL });
const servers = new Servers({ name: 'projection', settings, catalogue, log });
const follower = new BuildFollower(servers, await loadProjections(settings.PROJECTIONS), log);

const telling = setInterval(() => {
  const message: FromFoldThread = { statuses: follower.statuses, counts: follower.counts };
  port.postMessage(message);
}, TELL_MS);

/** One after the other: to leave a build takes a while. */
let working: Promise<void> = Promise.resolve();
port.on('message', (message: ToFoldThread) => {
  working = working.then(() => ('stop' in message ? stop() : follow(message.follow)));
});

async function follow(builds: Parameters<BuildFollower['follow']>[0]): Promise<void> {
  try {
    await follower.follow(builds);
  } catch (error) {
    // The readers say so themselves; the next look comes soon.
    log.debug({ error: String(error) }, 'the builds of the projections could not be followed');
  }
}

async function stop(): Promise<void> {
  clearInterval(telling);
  await follower.stop();
  await servers.close();
  port?.close();
}
