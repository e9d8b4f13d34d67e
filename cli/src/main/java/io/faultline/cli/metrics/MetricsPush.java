package io.faultline.cli.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Pushes meters to a Prometheus Pushgateway, from a thread of its own, each second and when it is
 * closed. A node pushes as soon as it knows the id of its migration, which both nodes share: its
 * group is {@code job="faultline", instance=ID, role=ROLE}. A push that fails is only reported,
 * once.
 *
 * @see <a href="https://github.com/prometheus/pushgateway#put-method">the PUT method</a>
 */
final class MetricsPush {
  private static final long PERIOD_MILLIS = 1000;
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final String groups;
  private final PrometheusMeterRegistry registry;
  private final Consumer<String> messages;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().daemon().name("push-metrics").unstarted(this::run);
  private boolean hasFailed;

  private MetricsPush(URI gateway, PrometheusMeterRegistry registry, Consumer<String> messages) {
    this.groups = gateway.toString().replaceAll("/+$", "") + "/metrics/job/faultline/instance/";
    this.registry = registry;
    this.messages = messages;
  }

  /**
   * Starts to push.
   *
   * @param messages receives a line when a push fails for the first time
   */
  static MetricsPush start(
      URI gateway, PrometheusMeterRegistry registry, Consumer<String> messages) {
    MetricsPush push = new MetricsPush(gateway, registry, messages);
    push.thread.start();
    return push;
  }

  private void run() {
    try {
      boolean last;
      do {
        last = closing.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        Gauge info = registry.find("faultline.migration.info").gauge();
        if (info != null) {
          push(info.getId());
        }
      } while (!last);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void push(Meter.Id info) throws InterruptedException {
    URI group = URI.create(groups + info.getTag("migration") + "/role/" + info.getTag("role"));
    HttpRequest request =
        HttpRequest.newBuilder(group)
            .timeout(TIMEOUT)
            .header("Content-Type", MetricsServer.TEXT_TYPE)
            .PUT(BodyPublishers.ofString(registry.scrape()))
            .build();
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        failed(
            response.statusCode() + " " + response.body().strip().lines().findFirst().orElse(""));
      }
    } catch (IOException e) {
      failed(
          e.getMessage() == null ? "cannot connect" : e.getMessage()); // ConnectException has none
    }
  }

  private void failed(String reason) {
    if (!hasFailed) {
      hasFailed = true;
      messages.accept(
          "--metrics-push: "
              + groups
              + "...: "
              + reason
              + "; the migration goes on, and so do pushes");
    }
  }

  /** Pushes the final values; takes at most a few seconds. */
  void close() throws InterruptedException {
    closing.countDown();
    thread.join();
    client.shutdownNow();
  }
}
