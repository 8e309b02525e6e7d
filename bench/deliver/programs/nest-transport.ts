/** A peer: NestJS's own Kafka transport, with a handler that does nothing, or one upsert where it is given a database. */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload, Transport } from '@nestjs/microservices';
import type { ConsumerDeserializer, IncomingEvent, MicroserviceOptions } from '@nestjs/microservices';
import { Pool } from 'pg';
import { serveRounds } from '../../program';
import { Handled } from '../handled';
import { UPSERT } from '../upsert-sql';
import { CONCURRENCY } from './consume';
import type { ConsumeInput } from './consume';
import { flightDecoder } from './flight-decoder';

interface NestInput extends ConsumeInput {
  readonly databaseUrl?: string;
}

const input = JSON.parse(process.argv[2] ?? '{}') as NestInput;
const pool = input.databaseUrl === undefined ? undefined : new Pool({ connectionString: input.databaseUrl });
const handled = new Handled(input);

@Controller()
class FlightsController {
  @EventPattern(input.topic)
  async onFlight(@Payload('flightId') flightId: unknown): Promise<void> {
    await pool?.query(UPSERT, [flightId]);
    handled.one();
  }
}

@Module({ controllers: [FlightsController] })
class FlightsModule {}

await serveRounds(async ({ brokers, topic, registryUrl }: NestInput) => {
  const decode = await flightDecoder(registryUrl);
  const deserializer: ConsumerDeserializer = {
    deserialize: ({ value }: { value: Buffer }): IncomingEvent => ({ pattern: topic, data: decode(value) }),
  };
  return async () => {
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(FlightsModule, {
      logger: ['error'],
      transport: Transport.KAFKA,
      options: {
        client: { brokers },
        consumer: { groupId: `bench-${randomUUID()}` },
        subscribe: { fromBeginning: true },
        run: { partitionsConsumedConcurrently: CONCURRENCY },
        parser: { keepBinary: true },
        deserializer,
      },
    });
    await app.listen();
    return handled.whole();
  };
});
