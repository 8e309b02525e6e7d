import { addressesFromEnvironment, StackEnvironmentError } from './environment';

const complete = {
  KAFKA_BROKERS: 'one:9092, two:9092',
  SCHEMA_REGISTRY_URL: 'http://registry:8080/apis/ccompat/v7',
  DATABASE_URL: 'postgresql://me:secret@db/millrace',
};

describe('addresses in the environment', () => {
  it('are taken when all three are there', () => {
    expect(addressesFromEnvironment(complete)).toEqual({
      kafkaBrokers: ['one:9092', 'two:9092'],
      schemaRegistryUrl: complete.SCHEMA_REGISTRY_URL,
      databaseUrl: complete.DATABASE_URL,
    });
  });

  it('are none when none is set, or all are empty', () => {
    expect(addressesFromEnvironment({})).toBeUndefined();
    expect(addressesFromEnvironment({ KAFKA_BROKERS: '', DATABASE_URL: ' ' })).toBeUndefined();
  });

  it('name what is missing when only some are set, and print none of the values', () => {
    const partial = { ...complete, KAFKA_BROKERS: '' };
    expect(() => addressesFromEnvironment(partial)).toThrow(StackEnvironmentError);
    expect(() => addressesFromEnvironment(partial)).toThrow(
      /SCHEMA_REGISTRY_URL and DATABASE_URL are set, but KAFKA_BROKERS is not/,
    );
    expect(() => addressesFromEnvironment(partial)).not.toThrow(/secret/);
  });
});
