package io.faultline.cli.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.SocketAddresses;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Serves meters at {@code /metrics}: as OpenMetrics text to a client that accepts it, else as
 * Prometheus text. Order and weights of its Accept header are ignored.
 */
final class MetricsServer implements AutoCloseable {
  private static final String OPEN_METRICS = "application/openmetrics-text";
  private static final String OPEN_METRICS_TYPE = OPEN_METRICS + "; version=1.0.0; charset=utf-8";

  /** The content type of Prometheus text. */
  static final String TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;

  private MetricsServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts to serve.
   *
   * @throws UsageException if the address cannot be bound
   */
  static MetricsServer start(InetSocketAddress address, PrometheusMeterRegistry registry) {
    HttpServer server;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      String name = SocketAddresses.format(address);
      throw new UsageException(
          "--metrics: cannot serve metrics on "
              + name
              + ": "
              + e.getMessage()
              + "; give another address");
    }
    server.createContext("/metrics", exchange -> answer(exchange, registry));
    server.start();
    return new MetricsServer(server);
  }

  InetSocketAddress address() {
    return server.getAddress();
  }

  private static void answer(HttpExchange exchange, PrometheusMeterRegistry registry)
      throws IOException {
    String type = typeFor(exchange.getRequestHeaders().getOrDefault("Accept", List.of()));
    byte[] text = registry.scrape(type).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(200, text.length);
    exchange.getResponseBody().write(text);
    exchange.close();
  }

  private static String typeFor(List<String> accept) {
    return accept.stream().anyMatch(each -> each.contains(OPEN_METRICS))
        ? OPEN_METRICS_TYPE
        : TEXT_TYPE;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
