package io.faultline.cli.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.faultline.cli.options.HostPort;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one node: served as Prometheus text at {@code /metrics} where an address was given,
 * else kept nowhere. Closing ends the server.
 */
public final class Metrics implements AutoCloseable {
  private final MeterRegistry registry;
  private final @Nullable HttpServer server;

  private Metrics(MeterRegistry registry, @Nullable HttpServer server) {
    this.registry = registry;
    this.server = server;
  }

  /** Serves at a place, or not at all where that is null. */
  public static Metrics open(@Nullable HostPort place) throws IOException {
    return place == null ? none() : serve(place.resolve());
  }

  /** Meters that nobody asked for. */
  public static Metrics none() {
    return new Metrics(new CompositeMeterRegistry(), null);
  }

  /**
   * Serves at an address.
   *
   * @throws IOException where the address cannot be had, with the reason
   */
  public static Metrics serve(InetSocketAddress address) throws IOException {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    HttpServer server;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      String name = address.getHostString() + ":" + address.getPort();
      throw new IOException("cannot serve metrics on " + name + ": " + e.getMessage(), e);
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
