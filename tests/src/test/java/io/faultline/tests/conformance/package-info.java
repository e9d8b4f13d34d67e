/**
 * The conformance matrix as a test suite: {@code ConformanceTest} runs each cell on the kernel and
 * on the simulated kernel. The cases themselves are in {@code io.faultline.uffd.conformance}.
 */
@NullMarked
package io.faultline.tests.conformance;

import org.jspecify.annotations.NullMarked;
