/**
 * JMH benchmarks of the engine's calls. Not run by the build; each class is run by JMH's own main.
 *
 * <ul>
 *   <li>{@code FillBenchmark}: copy, zeropage, continue, move, wake and read on the real kernel.
 * </ul>
 */
@NullMarked
package io.faultline.tests.benchmark;

import org.jspecify.annotations.NullMarked;
