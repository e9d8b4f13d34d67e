/** Serves meters for Prometheus to scrape. */
@NullMarked
package io.faultline.cli.metrics;

import org.jspecify.annotations.NullMarked;
