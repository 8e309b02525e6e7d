// Deliberately wrong: kafkajs is imported outside libs/kafka. The check run fails when the lint lets this pass.
import { Kafka } from 'kafkajs';

export const kafka = Kafka;
