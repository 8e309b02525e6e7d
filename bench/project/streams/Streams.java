import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * A peer: Kafka Streams folds the flights from offset zero into its own state store, RocksDB with a changelog, as it comes. Arguments:
 * brokers, topic, `flight` or `airport`, the processing guarantee, the number of threads, the events of the log, and then a schema's
 * id and its JSON, again and again. Airports are partial rows of each partition, as Millrace keeps them, so that nothing goes through
 * another topic. Prints one line of JSON: events a second from the first to the last, and the processor time of an event in
 * microseconds. Its internal topics and its directory are removed.
 */
public class Streams {
  static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  static final String STORE = "model";

  static final class AvroDeserializer implements Deserializer<GenericRecord> {
    private final Map<Integer, GenericDatumReader<GenericRecord>> readers = new ConcurrentHashMap<>();
    private final DecoderFactory decoders = DecoderFactory.get();

    AvroDeserializer(Map<Integer, Schema> schemas) {
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

  record Flight(String origin, String destination, long departedAt, int distanceMiles, Integer delayMinutes) {}

  record Airport(long departures, long arrivals, long delayMinutes, long onTimeArrivals) {}

  static final Serde<Flight> FLIGHT = Serdes.serdeFrom((topic, flight) -> {
    if (flight == null) return null;
    byte[] origin = flight.origin.getBytes(StandardCharsets.UTF_8);
    byte[] destination = flight.destination.getBytes(StandardCharsets.UTF_8);
    var buffer = ByteBuffer.allocate(2 + origin.length + destination.length + 8 + 4 + 1 + 4);
    buffer.put((byte) origin.length).put(origin).put((byte) destination.length).put(destination);
    buffer.putLong(flight.departedAt).putInt(flight.distanceMiles);
    buffer.put((byte) (flight.delayMinutes == null ? 0 : 1)).putInt(flight.delayMinutes == null ? 0 : flight.delayMinutes);
    return buffer.array();
  }, (topic, bytes) -> {
    if (bytes == null) return null;
    var buffer = ByteBuffer.wrap(bytes);
    String origin = text(buffer);
    String destination = text(buffer);
    long departedAt = buffer.getLong();
    int distanceMiles = buffer.getInt();
    boolean landed = buffer.get() == 1;
    int delay = buffer.getInt();
    return new Flight(origin, destination, departedAt, distanceMiles, landed ? delay : null);
  });

  static final Serde<Airport> AIRPORT = Serdes.serdeFrom((topic, airport) -> {
    if (airport == null) return null;
    return ByteBuffer.allocate(32).putLong(airport.departures).putLong(airport.arrivals).putLong(airport.delayMinutes)
      .putLong(airport.onTimeArrivals).array();
  }, (topic, bytes) -> {
    if (bytes == null) return null;
    var buffer = ByteBuffer.wrap(bytes);
    return new Airport(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  });

  static String text(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.get()];
    buffer.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Counts what all threads have folded. */
  static final class Progress {
    private final long events;
    private final AtomicLong folded = new AtomicLong();
    private volatile long startedAt;
    private volatile long startedCpu;
    final CountDownLatch done = new CountDownLatch(1);

    Progress(long events) {
      this.events = events;
    }

    /** Before the first of them is folded, and after each. */
    void begin() {
      if (startedAt != 0) return;
      synchronized (this) {
        if (startedAt != 0) return;
        startedCpu = SYSTEM.getProcessCpuTime();
        startedAt = System.nanoTime();
      }
    }

    void one() {
      if (folded.incrementAndGet() != events) return;
      double seconds = (System.nanoTime() - startedAt) / 1e9;
      double cpu = (SYSTEM.getProcessCpuTime() - startedCpu) / 1e3 / events;
      System.out.printf(Locale.ROOT, "{\"rate\":%.3f,\"cpu\":%.3f}%n", events / seconds, cpu);
      done.countDown();
    }
  }

  static final class FoldFlight implements Processor<String, GenericRecord, Void, Void> {
    private final Progress progress;
    private KeyValueStore<String, Flight> store;

    FoldFlight(Progress progress) {
      this.progress = progress;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, GenericRecord> record) {
      progress.begin();
      GenericRecord event = record.value();
      Flight before = store.get(record.key());
      Integer delay = before == null ? null : before.delayMinutes;
      if (event.hasField("departedAt")) {
        store.put(record.key(), new Flight(event.get("origin").toString(), event.get("destination").toString(),
          (Long) event.get("departedAt"), (Integer) event.get("distanceMiles"), delay));
      } else {
        Flight flight = before == null ? new Flight("", "", 0, 0, null) : before;
        store.put(record.key(), new Flight(flight.origin, flight.destination, flight.departedAt, flight.distanceMiles,
          (Integer) event.get("delayMinutes")));
      }
      progress.one();
    }
  }

  static final class FoldAirport implements Processor<String, GenericRecord, Void, Void> {
    private final Progress progress;
    private KeyValueStore<String, Airport> store;

    FoldAirport(Progress progress) {
      this.progress = progress;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, GenericRecord> record) {
      progress.begin();
      GenericRecord event = record.value();
      boolean departed = event.hasField("departedAt");
      String name = event.get(departed ? "origin" : "destination").toString();
      Airport before = store.get(name);
      Airport airport = before == null ? new Airport(0, 0, 0, 0) : before;
      if (departed) {
        store.put(name, new Airport(airport.departures + 1, airport.arrivals, airport.delayMinutes, airport.onTimeArrivals));
      } else {
        int delay = (Integer) event.get("delayMinutes");
        store.put(name, new Airport(airport.departures, airport.arrivals + 1, airport.delayMinutes + delay,
          airport.onTimeArrivals + (delay < 15 ? 1 : 0)));
      }
      progress.one();
    }
  }

  public static void main(String[] arguments) throws Exception {
    boolean entity = arguments[2].equals("flight");
    var progress = new Progress(Long.parseLong(arguments[5]));
    var schemas = new ConcurrentHashMap<Integer, Schema>();
    for (int at = 6; at < arguments.length; at += 2) {
      schemas.put(Integer.valueOf(arguments[at]), new Schema.Parser().parse(arguments[at + 1]));
    }
    String application = "bench-streams-" + UUID.randomUUID();
    Path directory = Files.createTempDirectory("bench-streams-");
    var config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    config.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, arguments[3]);
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Integer.valueOf(arguments[4]));
    config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    config.put("auto.offset.reset", "earliest");

    var topology = new Topology();
    topology.addSource("flights", new StringDeserializer(), new AvroDeserializer(schemas), arguments[1]);
    if (entity) {
      topology.addProcessor("fold", () -> new FoldFlight(progress), "flights");
      topology.addStateStore(Stores.keyValueStoreBuilder(
        Stores.persistentKeyValueStore(STORE), Serdes.String(), FLIGHT).withCachingEnabled(), "fold");
    } else {
      topology.addProcessor("fold", () -> new FoldAirport(progress), "flights");
      topology.addStateStore(Stores.keyValueStoreBuilder(
        Stores.persistentKeyValueStore(STORE), Serdes.String(), AIRPORT).withCachingEnabled(), "fold");
    }
    var streams = new KafkaStreams(topology, config);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      Runtime.getRuntime().halt(1);
      return StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    streams.start();
    progress.done.await();
    streams.close();
    try (var admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
      var own = admin.listTopics().names().get().stream().filter(name -> name.startsWith(application)).toList();
      admin.deleteTopics(own).all().get();
    }
    try (var files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
    Runtime.getRuntime().halt(0);
  }
}
