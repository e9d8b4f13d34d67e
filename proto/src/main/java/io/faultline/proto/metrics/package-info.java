/**
 * Meters of a node, for those modules that have some: {@link io.faultline.proto.metrics.MeterSet}.
 * The only package of this module that knows Micrometer.
 */
@NullMarked
package io.faultline.proto.metrics;

import org.jspecify.annotations.NullMarked;
