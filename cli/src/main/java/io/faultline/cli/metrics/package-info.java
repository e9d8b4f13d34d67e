/** {@link io.faultline.cli.metrics.Metrics}: serves the meters of a node to Prometheus. */
@NullMarked
package io.faultline.cli.metrics;

import org.jspecify.annotations.NullMarked;
