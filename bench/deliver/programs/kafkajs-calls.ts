/** A peer: kafkajs's own `eachMessage` by default settings, one record of a partition after the other, each of which waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { serveRounds } from '../../program';
import { CALL_MS } from '../call-ms';
import { Handled } from '../handled';
import { consume } from './consume';
import type { ConsumeInput } from './consume';
import { flightDecoder } from './flight-decoder';

interface CallsInput extends ConsumeInput {
  readonly concurrency: number;
}

await serveRounds(async (input: CallsInput) => {
  const decode = await flightDecoder(input.registryUrl);
  const handled = new Handled(input);
  return async () => {
    await consume(input, {
      partitionsConsumedConcurrently: input.concurrency,
      eachMessage: async ({ message: { value } }) => {
        if (value !== null) decode(value);
        await sleep(CALL_MS);
        handled.one();
      },
    });
    return handled.whole();
  };
});
