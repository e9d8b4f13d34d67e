/**
 * Publishes the meters of a node to Prometheus.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.metrics.Metrics}: the registry of a node and how long it is served;
 *       {@code MetricsServer} answers scrapes, {@code MetricsPush} pushes to a Pushgateway, and
 *       {@code Linger} keeps the process until the final values were scraped.
 *   <li>{@link io.faultline.cli.metrics.VmMeters}: what the vCPUs of the VM measured at the
 *       destination; {@code LatencyBuckets} makes a Prometheus histogram of fault latencies.
 * </ul>
 */
@NullMarked
package io.faultline.cli.metrics;

import org.jspecify.annotations.NullMarked;
