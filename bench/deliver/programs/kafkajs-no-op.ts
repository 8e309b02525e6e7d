/** A peer: kafkajs's own consumer, whole batches, each value decoded and nothing done with it. */
import { serveRounds } from '../../program';
import { Handled } from '../handled';
import { committingSeldom, consume } from './consume';
import type { ConsumeInput } from './consume';
import { flightDecoder } from './flight-decoder';

await serveRounds(async (input: ConsumeInput) => {
  const decode = await flightDecoder(input.registryUrl);
  const readAll = async (handled: Handled): Promise<() => Promise<void>> =>
    consume(
      input,
      committingSeldom(({ messages }) => {
        for (const { value } of messages) {
          if (value !== null) decode(value);
          handled.one();
        }
      }),
    );
  return async () => {
    // An answer of the broker holds a third of the log, and is decoded before the first of its records is handed over: counted
    // from a record in the middle of one, most of the work would be left out.
    const whole = input.warmUp + input.counted;
    const warmUp = new Handled({ warmUp: 0, counted: whole });
    const leave = await readAll(warmUp);
    await warmUp.whole();
    await leave();
    const handled = new Handled({ warmUp: 0, counted: whole });
    await readAll(handled);
    return handled.whole();
  };
});
