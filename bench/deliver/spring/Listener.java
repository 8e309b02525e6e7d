import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.MessageListener;

/**
 * A peer: a record listener of Spring Kafka with values in Avro. Arguments: brokers, topic, `defaults` or `tuned`, the records that
 * warm it up, those that are counted, a JDBC URL or `-`, a statement or `-`, and then a schema's id and its JSON, again and again.
 * Prints one line of JSON: the rate, and the processor time of an event in microseconds.
 */
public class Listener {
  static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  static final class AvroDeserializer implements Deserializer<GenericRecord> {
    private final Map<Integer, GenericDatumReader<GenericRecord>> readers;
    private final DecoderFactory decoders = DecoderFactory.get();

    AvroDeserializer(Map<Integer, Schema> schemas) {
      readers = new ConcurrentHashMap<>();
      schemas.forEach((id, schema) -> readers.put(id, new GenericDatumReader<>(schema)));
    }

    @Override
    public GenericRecord deserialize(String topic, byte[] value) {
      try {
        int id = ByteBuffer.wrap(value).getInt(1);
        return readers.get(id).read(null, decoders.binaryDecoder(value, 5, value.length - 5, null));
      } catch (java.io.IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    boolean tuned = arguments[2].equals("tuned");
    long warmUp = Long.parseLong(arguments[3]);
    long counted = Long.parseLong(arguments[4]);
    var schemas = new HashMap<Integer, Schema>();
    for (int at = 7; at < arguments.length; at += 2) {
      schemas.put(Integer.valueOf(arguments[at]), new Schema.Parser().parse(arguments[at + 1]));
    }
    var config = new HashMap<String, Object>(Map.of(
      "bootstrap.servers", arguments[0],
      "group.id", "bench-" + UUID.randomUUID(),
      "auto.offset.reset", "earliest"));
    if (tuned) {
      config.put("max.poll.records", 5_000);
      config.put("fetch.min.bytes", 100_000);
      config.put("max.partition.fetch.bytes", 4_194_304);
    }
    var properties = new ContainerProperties(arguments[1]);
    if (tuned) properties.setSyncCommits(false);
    properties.setMessageListener(listener(warmUp, counted, arguments[5], arguments[6]));
    var factory = new DefaultKafkaConsumerFactory<>(config, new StringDeserializer(), new AvroDeserializer(schemas));
    var container = new ConcurrentMessageListenerContainer<>(factory, properties);
    if (tuned) container.setConcurrency(3);
    container.start();
    DONE.await();
    // The result is out; what the container would still tidy up is the group's, which nobody needs again.
    Runtime.getRuntime().halt(0);
  }

  static final CountDownLatch DONE = new CountDownLatch(1);

  static MessageListener<String, GenericRecord> listener(long warmUp, long counted, String url, String statement) {
    var handled = new AtomicLong();
    var started = new long[2];
    JdbcTemplate jdbc = null;
    if (!url.equals("-")) {
      var pool = new HikariDataSource();
      pool.setJdbcUrl(url);
      jdbc = new JdbcTemplate(pool);
    }
    var database = jdbc;
    return record -> {
      if (database != null) database.update(statement, record.value().get("flightId").toString());
      long count = handled.incrementAndGet();
      if (count == warmUp) {
        started[0] = System.nanoTime();
        started[1] = SYSTEM.getProcessCpuTime();
      } else if (count == warmUp + counted) {
        double seconds = (System.nanoTime() - started[0]) / 1e9;
        double cpu = (SYSTEM.getProcessCpuTime() - started[1]) / 1e3 / counted;
        System.out.printf(java.util.Locale.ROOT, "{\"rate\":%.3f,\"cpu\":%.3f}%n", counted / seconds, cpu);
        DONE.countDown();
      }
    };
  }
}
