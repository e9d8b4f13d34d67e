/**
 * {@code faultline conformance} and {@code faultline races}.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.conformance.ConformanceCommand}, {@code ConformanceRun}: run the
 *       suite of {@code io.faultline.uffd.conformance}, and print the matrices and differences.
 *   <li>{@link io.faultline.cli.conformance.RacesCommand}: runs {@code io.faultline.uffd.races}.
 * </ul>
 */
@NullMarked
package io.faultline.cli.conformance;

import org.jspecify.annotations.NullMarked;
