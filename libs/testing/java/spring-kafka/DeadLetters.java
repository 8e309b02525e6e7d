import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Headers;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.util.backoff.FixedBackOff;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads dead letters as an application of Spring's does: a listener whose parameters name Spring Kafka's headers and the types
 * that they should have. What Spring cannot map or convert ends the program.
 *
 * Arguments: brokers, topics separated by commas, and how many records they hold. Prints a line of JSON for each: 64-bit
 * numbers as text, bytes in Base64.
 */
@Configuration(proxyBeanMethods = false)
@EnableKafka
public class DeadLetters {
  static final JsonMapper JSON = new JsonMapper();
  static CountDownLatch missing;

  public static void main(String[] arguments) throws InterruptedException {
    System.setProperty("brokers", arguments[0]);
    System.setProperty("topics", arguments[1]);
    missing = new CountDownLatch(Integer.parseInt(arguments[2]));
    try (var context = new AnnotationConfigApplicationContext(DeadLetters.class)) {
      if (!missing.await(30, TimeUnit.SECONDS)) {
        System.err.println(missing.getCount() + " records were not read");
        System.exit(1);
      }
    }
  }

  @Bean
  ConcurrentKafkaListenerContainerFactory<byte[], byte[]> kafkaListenerContainerFactory() {
    var config = Map.<String, Object>of(
      "bootstrap.servers", System.getProperty("brokers"),
      "auto.offset.reset", "earliest",
      "fetch.max.wait.ms", 100);
    var bytes = new ByteArrayDeserializer();
    var factory = new ConcurrentKafkaListenerContainerFactory<byte[], byte[]>();
    factory.setConsumerFactory(new DefaultKafkaConsumerFactory<>(config, bytes, bytes));
    factory.setCommonErrorHandler(new DefaultErrorHandler((record, error) -> {
      error.printStackTrace();
      Runtime.getRuntime().halt(2);
    }, new FixedBackOff(0, 0)));
    return factory;
  }

  @KafkaListener(topics = "#{'${topics}'.split(',')}", groupId = "spring-#{T(java.util.UUID).randomUUID()}")
  void onDeadLetter(
      @Payload(required = false) byte[] value,
      @Header(name = KafkaHeaders.RECEIVED_KEY, required = false) byte[] key,
      @Header(KafkaHeaders.RECEIVED_TOPIC) String readFrom,
      @Header(KafkaHeaders.DLT_ORIGINAL_TOPIC) String topic,
      @Header(KafkaHeaders.DLT_ORIGINAL_PARTITION) int partition,
      @Header(KafkaHeaders.DLT_ORIGINAL_OFFSET) long offset,
      @Header(KafkaHeaders.DLT_ORIGINAL_TIMESTAMP) long timestamp,
      @Header(KafkaHeaders.DLT_ORIGINAL_TIMESTAMP_TYPE) String timestampType,
      @Header(KafkaHeaders.DLT_ORIGINAL_CONSUMER_GROUP) String consumerGroup,
      @Header(KafkaHeaders.DLT_EXCEPTION_FQCN) String exception,
      @Header(KafkaHeaders.DLT_EXCEPTION_CAUSE_FQCN) String cause,
      @Header(KafkaHeaders.DLT_EXCEPTION_MESSAGE) String message,
      @Header(KafkaHeaders.DLT_EXCEPTION_STACKTRACE) String stacktrace,
      @Header("millrace-dlq-reason") String reason,
      @Header("millrace-dlq-attempts") String attempts,
      @Headers Map<String, Object> headers) {
    var read = new LinkedHashMap<String, Object>();
    read.put("readFrom", readFrom);
    read.put("key", key);
    read.put("value", value);
    read.put("topic", topic);
    read.put("partition", partition);
    read.put("offset", String.valueOf(offset));
    read.put("timestamp", String.valueOf(timestamp));
    read.put("timestampType", timestampType);
    read.put("consumerGroup", consumerGroup);
    read.put("exception", exception);
    read.put("cause", cause);
    read.put("message", message);
    read.put("stacktrace", stacktrace);
    read.put("reason", reason);
    read.put("attempts", attempts);
    var bytes = new LinkedHashMap<String, Object>();
    headers.forEach((name, header) -> {
      if (header instanceof byte[]) bytes.put(name, header);
    });
    read.put("headers", bytes);
    System.out.println(JSON.writeValueAsString(read));
    missing.countDown();
  }
}
