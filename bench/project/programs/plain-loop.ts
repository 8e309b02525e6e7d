/** A peer: what is written first. kafkajs's own `eachMessage`, one upsert and one commit of the offset for each event. */
import { Pool } from 'pg';
import { consume } from '../../deliver/programs/consume';
import { flightDecoder } from '../../deliver/programs/flight-decoder';
import { Handled } from '../../deliver/handled';
import { serveRounds } from '../../program';
import { tunedModels } from '../hand-tuned/tuned-models';
import type { HandTunedInput } from './hand-tuned';

export interface PlainLoopInput extends Pick<
  HandTunedInput,
  'brokers' | 'registryUrl' | 'topic' | 'databaseUrl' | 'model'
> {
  readonly warmUp: number;
  readonly counted: number;
}

await serveRounds(async (input: PlainLoopInput) => {
  const decode = await flightDecoder(input.registryUrl);
  const model = tunedModels[input.model];
  const pool = new Pool({ connectionString: input.databaseUrl });
  await pool.query(`CREATE SCHEMA bench; ${model.createTable}`);
  const handled = new Handled(input);
  return async () => {
    await consume(input, {
      // A commit after each message, which is waited for.
      autoCommitThreshold: 1,
      eachMessage: async ({ partition, message: { value } }) => {
        if (value !== null) await pool.query(model.upsert, model.fold([decode(value)], partition));
        handled.one();
      },
    });
    return handled.whole();
  };
});
