/** The load of the latency figure: records at a steady rate, one a send, until it is stopped or has sent all. */
import { randomUUID } from 'node:crypto';
import { steadySends } from '../../kafkajs-producer';
import type { SteadyInput } from '../../kafkajs-producer';
import { serveRounds } from '../../program';
import { nowMs, SENT_AT } from '../sent-at';

// Events of its own: those that the log holds already would be dropped as repeats.
const source = `/bench/${randomUUID()}`;

await serveRounds((input: SteadyInput) =>
  steadySends(input, () => ({ ce_source: source, [SENT_AT]: String(nowMs()) })),
);
