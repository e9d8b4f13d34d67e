package io.faultline.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MetricsPushTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private HttpServer gateway;
  private volatile int status = 200;

  @BeforeEach
  void startGateway() throws Exception {
    gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    gateway.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          String text = new String(body, StandardCharsets.UTF_8);
          requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\n" + text);
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    gateway.start();
  }

  @AfterEach
  void stopGateway() {
    gateway.stop(0);
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + gateway.getAddress().getPort() + "/");
  }

  private void describeMigration() {
    Gauge.builder("faultline.migration.info", () -> 1)
        .tags("migration", "cafe", "role", "source")
        .register(registry);
  }

  @Test
  void lastPushHasTheFinalValuesInTheGroupOfTheMigration() throws Exception {
    describeMigration();
    MetricsPush push = MetricsPush.start(uri(), registry, messages::add);
    Gauge.builder("faultline.pages", () -> 7).register(registry);
    push.close();
    assertThat(requests.getLast())
        .startsWith("PUT /metrics/job/faultline/instance/cafe/role/source\n")
        .contains("faultline_pages 7");
    assertThat(messages).isEmpty();
  }

  @Test
  void pushesNothingWithoutAMigration() throws Exception {
    MetricsPush.start(uri(), registry, messages::add).close();
    assertThat(requests).isEmpty();
  }

  @Test
  void failureIsReportedOnce() throws Exception {
    describeMigration();
    status = 500;
    MetricsPush push = MetricsPush.start(uri(), registry, messages::add);
    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> !requests.isEmpty()); // at least one push before the last one
    push.close();
    assertThat(requests).hasSizeGreaterThan(1);
    assertThat(messages).singleElement().asString().contains("--metrics-push", "500");
  }
}
