/** Serves meters for Prometheus to scrape. */
@NullMarked
package io.faultline.demo.metrics;

import org.jspecify.annotations.NullMarked;
