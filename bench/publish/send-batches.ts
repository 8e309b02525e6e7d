import type { Measured } from '../figure';

/** What a program that sends records straight to Kafka is told. */
export interface SendInput {
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly events: number;
  /** Records of one send. */
  readonly batch: number;
  readonly inFlight: number;
  readonly withHeaders: boolean;
}

/** Sends all messages in batches, some at once, and gives the rate in records a second. */
export async function sendBatches<Message>(
  messages: readonly Message[],
  { batch, inFlight }: { readonly batch: number; readonly inFlight: number },
  send: (part: Message[]) => Promise<void>,
): Promise<Measured> {
  const startedAt = performance.now();
  let next = 0;
  const sendOn = async (): Promise<void> => {
    while (next < messages.length) {
      const part = messages.slice(next, next + batch);
      next += batch;
      await send(part);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sendOn));
  return { rate: messages.length / ((performance.now() - startedAt) / 1_000) };
}
