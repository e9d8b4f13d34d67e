/**
 * The conformance matrix as a test suite.
 *
 * <ul>
 *   <li>{@code ConformanceTest}: a test for each cell, on the kernel and on the simulated kernel.
 * </ul>
 */
@NullMarked
package io.faultline.tests.conformance;

import org.jspecify.annotations.NullMarked;
