import type { JavaClient } from '@millrace/testing';

/** Reads a partition of a topic from its beginning to its end. Kafka's consumer checks the checksum of every batch. */
const PROGRAM = `
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class Records {
  static String hex(byte[] bytes) {
    return bytes == null ? "null" : '"' + HexFormat.of().formatHex(bytes) + '"';
  }

  public static void main(String[] arguments) {
    var config = Map.<String, Object>of("bootstrap.servers", arguments[0]);
    var bytes = new ByteArrayDeserializer();
    var partition = new TopicPartition(arguments[1], Integer.parseInt(arguments[2]));
    try (var consumer = new KafkaConsumer<>(config, bytes, bytes)) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        for (var record : consumer.poll(Duration.ofSeconds(1))) {
          var headers = new StringBuilder();
          for (var header : record.headers()) {
            if (headers.length() > 0) headers.append(',');
            headers.append('[').append(hex(header.key().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            headers.append(',').append(hex(header.value())).append(']');
          }
          System.out.printf("{\\"offset\\":%d,\\"timestampMs\\":%d,\\"key\\":%s,\\"value\\":%s,\\"headers\\":[%s]}%n",
            record.offset(), record.timestamp(), hex(record.key()), hex(record.value()), headers);
        }
      }
    }
  }
}
`;

interface JavaRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  /** Names as text, values in hexadecimal, in the order of the record. */
  readonly headers: readonly (readonly [name: string, value: string | null])[];
}

/** What Kafka's own consumer finds in a partition of a topic; bytes in hexadecimal. */
export async function readWithJava(
  java: JavaClient,
  brokers: readonly string[],
  topic: string,
  partition = 0,
): Promise<JavaRecord[]> {
  const printed = await java.runSource('Records', PROGRAM, {
    args: [brokers.join(), topic, String(partition)],
  });
  const lines = printed.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => {
    const record = JSON.parse(line) as JavaRecord;
    const headers = record.headers.map(
      ([name, value]) => [Buffer.from(name, 'hex').toString(), value] as const,
    );
    return { ...record, headers };
  });
}
