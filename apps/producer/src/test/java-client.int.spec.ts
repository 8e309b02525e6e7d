import { partitionFor } from '@millrace/event';
import { applyCatalogue, JavaClient, serversUnderTest, uniqueName } from '@millrace/testing';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';

const { topic, weighed, catalogue } = parcels(uniqueName('parcels'));
const PARTITIONS = 3;

/** Kafka's own choice for each key, one a line in base64, as its producer makes it when it is given a key alone. */
const PARTITIONER = `
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Base64;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

public class Partitions {
  public static void main(String[] arguments) throws Exception {
    var keys = new BufferedReader(new InputStreamReader(System.in));
    var out = new StringBuilder();
    for (String key = keys.readLine(); key != null; key = keys.readLine()) {
      for (String count : arguments) {
        out.append(BuiltInPartitioner.partitionForKey(Base64.getDecoder().decode(key), Integer.parseInt(count)));
        out.append(' ');
      }
      out.append('\\n');
    }
    System.out.print(out);
  }
}
`;

describe('Kafka’s own Java clients', () => {
  let java: JavaClient;
  beforeAll(async () => {
    java = await JavaClient.open();
  });
  afterAll(() => java.close());

  it('choose the same partition for a key, over thousands of keys of all lengths and alphabets', async () => {
    const counts = [1, 2, 3, 6, 12, 100];
    const alphabets = ['f-', 'Zürich-', '航班-', '😀', ''];
    const keys = Array.from(
      { length: 5_000 },
      (_, index) => `${alphabets[index % 5]}${index ** 3 % 100_003}`,
    );
    const input = keys.map((key) => Buffer.from(key).toString('base64')).join('\n');
    const printed = await java.runSource('Partitions', PARTITIONER, { args: counts.map(String), input });
    const chosen = printed.trimEnd().split('\n');
    const ours = keys.map((key) => counts.map((count) => partitionFor(Buffer.from(key), count)).join(' '));
    expect(chosen.map((line) => line.trimEnd())).toEqual(ours);
  });

  it('read every event back with its key, headers, partition and offset, in the form in which it came', async () => {
    await applyCatalogue(catalogue);
    const producer = await ProducerUnderTest.startReady(catalogue);
    try {
      const event = (id: string, key: string) => ({
        specversion: '1.0',
        id,
        type: weighed.type,
        source: '/specs',
        subject: 'Zürich',
        time: '2001-01-31T12:30:00Z',
        partitionkey: key,
        data: { parcelId: key, grams: 1 },
      });
      const headers = {
        'ce-source': '/specs',
        'ce-subject': 'Z%C3%BCrich',
        'ce-time': '2001-01-31T12:30:00Z',
        'ce-partitionkey': 'k',
      };
      const json = { 'content-type': 'application/json' };
      const data = { parcelId: 'k', grams: 1 };
      const plain = await producer.publish(weighed.type, data, { ...headers, 'ce-id': 'plain' });
      const binary = await producer.post('/v1/events', JSON.stringify(data), {
        ...json,
        ...headers,
        'ce-id': 'binary',
        'ce-type': weighed.type,
        'ce-specversion': '1.0',
      });
      const structured = await producer.post('/v1/events', JSON.stringify(event('structured', 'k')), {
        'content-type': 'application/cloudevents+json',
      });
      const batch = await producer.post('/v1/events', JSON.stringify([event('batch', 'k')]), {
        'content-type': 'application/cloudevents-batch+json',
      });
      const lines = Array.from({ length: 300 }, (_, index) => event(`line-${index}`, `key-${index}`));
      const streamed = await producer.stream(lines.map((line) => JSON.stringify(line)).join('\n'));

      const expected = new Map<string, string>();
      for (const { status, body } of [plain, binary, structured]) {
        expect({ status, body }).toMatchObject({ status: 201 });
        expected.set(String(body['id']), String(body['position']));
      }
      const [inBatch] = batch.body['events'] as Record<string, unknown>[];
      expected.set('batch', String(inBatch?.['position']));
      for (const { id, position } of streamed.slice(0, -1)) expected.set(String(id), String(position));

      const printed = await java.run([
        ...['org.apache.kafka.tools.consumer.ConsoleConsumer', '--topic', topic, '--from-beginning'],
        ...['--bootstrap-server', serversUnderTest().brokers.join(), '--max-messages', String(expected.size)],
        ...['--timeout-ms', '60000'],
        ...['key', 'headers', 'partition', 'offset'].flatMap((name) => ['--property', `print.${name}=true`]),
        ...['--property', 'print.value=false'],
      ]);
      const seen = new Map<string, string>();
      for (const line of printed.trimEnd().split('\n')) {
        const [, partition, offset, text, key] =
          /^Partition:(\d+)\tOffset:(\d+)\t(\S.*)\t(\S+)$/.exec(line) ?? expectedAnother(line);
        const pairs = (text ?? '').split(',').map((header) => header.split(/:(.*)/s, 2));
        const read = Object.fromEntries(pairs) as Record<string, string>;
        expect(read).toEqual({
          ce_specversion: '1.0',
          ce_id: expect.any(String) as string,
          ce_type: weighed.type,
          ce_source: '/specs',
          ce_subject: 'Zürich',
          ce_time: '2001-01-31T12:30:00.000Z',
          ce_partitionkey: key,
          'content-type': 'application/avro',
        });
        expect(partitionFor(Buffer.from(key ?? ''), PARTITIONS)).toBe(Number(partition));
        seen.set(read['ce_id'] ?? '', `${topic}/${partition}/${offset}`);
      }
      expect(seen).toEqual(expected);
    } finally {
      await producer.close();
    }
  });
});

function expectedAnother(line: string): never {
  throw new Error(`the console consumer printed a line of another form: ${line}`);
}
