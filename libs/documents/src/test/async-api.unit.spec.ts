import { AvroSchemaParser } from '@asyncapi/avro-schema-parser';
import { Parser } from '@asyncapi/parser';
import { catalogue } from '@millrace/contracts';
import { asyncApiDocument } from '../index';

const document = asyncApiDocument(catalogue, { title: 'Millrace topics', version: '1.0.0' });

/** Of Spectral's severities, 0 is an error. */
const isError = (severity: number): boolean => severity === 0;

const withWindow = asyncApiDocument(
  {
    ...catalogue,
    topics: catalogue.topics.map((topic) => ({ ...topic, idempotency: { windowMs: 3_600_000 } })),
  },
  { title: 'Millrace topics', version: '1.0.0' },
);

describe('the AsyncAPI document of a catalogue', () => {
  const parser = new Parser();
  parser.registerSchemaParser(AvroSchemaParser());

  it("has no errors for the specification's own parser, which reads the Avro schemas, too", async () => {
    const { document: parsed, diagnostics } = await parser.parse(JSON.stringify(document));
    const errors = diagnostics.filter(({ severity }) => isError(severity));
    expect(errors.map(({ message, path }) => `${path.join('/')}: ${message}`)).toEqual([]);
    const channels = parsed?.channels().all() ?? [];
    expect(channels.map((channel) => channel.address())).toEqual(catalogue.topics.map(({ name }) => name));
    const messages = parsed?.operations().get('publish-flights')?.messages().all() ?? [];
    const names = messages.map((message) => message.name()).sort();
    expect(names).toEqual(['flights.FlightDeparted', 'flights.FlightLanded']);
    const landed = messages.find((message) => message.name() === 'flights.FlightLanded');
    const fields = Object.keys(landed?.payload()?.properties() ?? {});
    expect(fields).toEqual(['flightId', 'origin', 'destination', 'delayMinutes']);
  });

  it('is one that the parser finds fault with when it is wrong', async () => {
    const wrong = { ...document, channels: { flights: { address: 7 } } };
    const { diagnostics } = await parser.parse(JSON.stringify(wrong));
    expect(diagnostics.filter(({ severity }) => isError(severity))).not.toEqual([]);
  });

  it('says of a topic what its declaration says', () => {
    const topicConfiguration = { 'cleanup.policy': ['delete'], 'retention.ms': -1 };
    expect(document).toMatchObject({
      channels: { flights: { bindings: { kafka: { partitions: 6, replicas: 3, topicConfiguration } } } },
    });
  });

  it('says within which time an event may be sent again, where a topic declares that', async () => {
    const { diagnostics } = await parser.parse(JSON.stringify(withWindow));
    expect(diagnostics.filter(({ severity }) => isError(severity))).toEqual([]);
    const within = expect.stringContaining('sent again within 3600000 ms') as string;
    expect(withWindow).toMatchObject({
      channels: { flights: { 'x-idempotency-window-ms': 3_600_000, description: within } },
    });
    expect(JSON.stringify(document)).not.toContain('idempotency');
  });
});
