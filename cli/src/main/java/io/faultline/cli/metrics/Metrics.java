package io.faultline.cli.metrics;

import io.faultline.cli.options.HostPort;
import io.faultline.cli.terminal.CommandOutput;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one node: served, pushed, both, or dropped. Open it first and close it last: {@link
 * #close} pushes the final values and serves them for a while, when the VM and its memory are gone.
 */
public final class Metrics implements AutoCloseable {
  private final MeterRegistry registry;
  private final @Nullable PrometheusMeterRegistry prometheus;
  private final @Nullable MetricsServer server;
  private final @Nullable MetricsPush push;
  private final Linger linger;
  private @Nullable Integer exitCode;

  private Metrics(
      @Nullable PrometheusMeterRegistry prometheus,
      @Nullable MetricsServer server,
      @Nullable MetricsPush push,
      Linger linger) {
    this.registry = prometheus == null ? new CompositeMeterRegistry() : prometheus;
    this.prometheus = prometheus;
    this.server = server;
    this.push = push;
    this.linger = linger;
  }

  /**
   * Starts to publish meters.
   *
   * @param address where to serve them; null for nowhere
   * @param linger how long {@link #close} serves the final values, 0 for not at all
   * @param gateway a Pushgateway; null for none
   * @throws io.faultline.cli.options.UsageException if the address cannot be bound, or its host is
   *     unknown
   */
  public static Metrics open(
      @Nullable HostPort address, Duration linger, @Nullable URI gateway, CommandOutput output) {
    Linger atEnd = new Linger(linger, output);
    if (address == null && gateway == null) {
      return new Metrics(null, null, null, atEnd);
    }
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    MetricsServer server =
        address == null ? null : MetricsServer.start(address.resolve("--metrics"), registry);
    MetricsPush push =
        gateway == null ? null : MetricsPush.start(gateway, registry, output::message);
    return new Metrics(registry, server, push, atEnd);
  }

  public MeterRegistry registry() {
    return registry;
  }

  /** Publishes the meters of a VM, too. */
  public void add(VmMeters vm) {
    if (prometheus != null) {
      prometheus.getPrometheusRegistry().register(vm);
    }
  }

  /** The run has ended with an exit code, which it returns: the meters have final values. */
  public int ended(int exitCode) {
    this.exitCode = exitCode;
    return exitCode;
  }

  /** Publishes the final values, if the run has {@link #ended}, and stops. */
  @Override
  public void close() {
    try {
      if (push != null) {
        push.close();
      }
      if (server != null && exitCode != null) {
        linger.await(exitCode);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (server != null) {
        server.close();
      }
      registry.close();
    }
  }
}
