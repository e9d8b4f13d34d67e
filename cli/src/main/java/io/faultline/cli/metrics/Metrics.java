package io.faultline.cli.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.UsageException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one node, served as Prometheus text at {@code /metrics} if the user gave an
 * address, else dropped. Closing stops the server.
 */
public final class Metrics implements AutoCloseable {
  private final MeterRegistry registry;
  private final @Nullable HttpServer server;

  private Metrics(MeterRegistry registry, @Nullable HttpServer server) {
    this.registry = registry;
    this.server = server;
  }

  /**
   * Serves meters at an address; drops them if it is null.
   *
   * @throws UsageException if the address cannot be bound
   * @throws IOException if its host is unknown
   */
  public static Metrics open(@Nullable HostPort address) throws IOException {
    return address == null
        ? new Metrics(new CompositeMeterRegistry(), null)
        : serve(address.resolve());
  }

  private static Metrics serve(InetSocketAddress address) throws IOException {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    HttpServer server;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      String name = address.getHostString() + ":" + address.getPort();
      throw new UsageException(
          "--metrics: cannot serve metrics on "
              + name
              + ": "
              + e.getMessage()
              + "; give another address");
    }
    server.createContext("/metrics", exchange -> answer(exchange, registry));
    server.start();
    return new Metrics(registry, server);
  }

  public MeterRegistry registry() {
    return registry;
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop(0);
    }
    registry.close();
  }

  private static void answer(HttpExchange exchange, PrometheusMeterRegistry registry)
      throws IOException {
    byte[] text = registry.scrape().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    exchange.sendResponseHeaders(200, text.length);
    exchange.getResponseBody().write(text);
    exchange.close();
  }
}
