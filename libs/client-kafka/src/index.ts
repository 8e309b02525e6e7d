/** Publishes typed events straight to Kafka, by the same interface as over HTTP. */
export { kafkaPublisher } from './kafka-publisher';
export type { KafkaPublisherOptions } from './kafka-publisher';
