/**
 * A peer: what a team would otherwise write, a NestJS controller on Fastify that encodes with the registry's client and waits for
 * `ClientKafka.emit`.
 */
import 'reflect-metadata';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Body, Controller, Inject, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientKafka, ClientsModule, Transport } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { lastValueFrom } from 'rxjs';
import { catalogue, FlightDeparted, findEventType } from '@millrace/contracts';

interface ControllerInput {
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly port: number;
}

interface Departure {
  readonly flightId: string;
  readonly departedAt: string;
}

const { brokers, registryUrl, topic, port } = JSON.parse(process.argv[2] ?? '{}') as ControllerInput;
const KAFKA = Symbol('KAFKA');
const registry = new SchemaRegistry({ host: registryUrl });
const subject = findEventType(catalogue, FlightDeparted.type)?.subject ?? '';
const schemaId = await registry.getLatestSchemaId(subject);

@Controller('departures')
class DeparturesController {
  constructor(@Inject(KAFKA) private readonly kafka: ClientKafka) {}

  @Post()
  async publish(@Body() departure: Departure): Promise<{ flightId: string }> {
    const value = await registry.encode(schemaId, {
      ...departure,
      departedAt: Date.parse(departure.departedAt),
    });
    await lastValueFrom(this.kafka.emit(topic, { key: departure.flightId, value }));
    return { flightId: departure.flightId };
  }
}

@Module({
  imports: [
    ClientsModule.register([
      {
        name: KAFKA,
        transport: Transport.KAFKA,
        options: {
          client: { brokers },
          producerOnlyMode: true,
          producer: { allowAutoTopicCreation: false },
          send: { acks: -1 },
        },
      },
    ]),
  ],
  controllers: [DeparturesController],
})
class ControllerModule {}

const app = await NestFactory.create(ControllerModule, new FastifyAdapter(), { logger: ['error'] });
await app.listen(port, '127.0.0.1');
process.once('disconnect', () => process.exit());
process.send?.({ ready: true });
