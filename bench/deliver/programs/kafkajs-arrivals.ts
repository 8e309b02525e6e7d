/** A peer: kafkajs's own consumer, which notes how long each record took to get here. */
import type { Batch, EachBatchPayload } from 'kafkajs';
import { serveRounds } from '../../program';
import { Handled } from '../handled';
import { nowMs, SENT_AT } from '../sent-at';
import { committingSeldom, consume } from './consume';
import type { ConsumeInput } from './consume';
import { flightDecoder } from './flight-decoder';

interface ArrivalsInput extends ConsumeInput {
  readonly tuned: boolean;
}

await serveRounds(async (input: ArrivalsInput) => {
  const decode = await flightDecoder(input.registryUrl);
  const handled = new Handled(input);
  const note = ({ messages }: Batch): void => {
    for (const { value, headers } of messages) {
      if (value !== null) decode(value);
      handled.one(nowMs() - Number(String(headers?.[SENT_AT])));
    }
  };
  const byDefault = { eachBatch: async ({ batch }: EachBatchPayload) => note(batch) };
  await consume(input, input.tuned ? committingSeldom(note) : byDefault, { fromBeginning: false });
  return () => handled.whole();
});
