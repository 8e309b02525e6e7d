/** A peer of the latency figure: kafkajs's own producer, one record a send, at a steady rate. */
import { steadySends } from '../../kafkajs-producer';
import type { SteadyInput } from '../../kafkajs-producer';
import { serveRounds } from '../../program';

await serveRounds((input: SteadyInput) => steadySends(input));
