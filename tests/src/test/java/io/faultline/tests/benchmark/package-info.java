/**
 * JMH benchmarks of the engine's calls on the real kernel. Not run by the build: {@code
 * docs/engine-benchmarks.md} tells how to run them, and what came out.
 *
 * <ul>
 *   <li>{@code EngineBenchmarks}: runs them all, beside the same loops in C, and prints a table.
 *   <li>{@code CopyBenchmark}, {@code ContinueBenchmark}, {@code MoveBenchmark}: the calls that
 *       bring pages.
 *   <li>{@code IdleCallBenchmark}, {@code EventReadBenchmark}: wake; read without and with a fault.
 *   <li>{@code FaultBenchmark}: a fault's round trip between two threads.
 * </ul>
 */
@NullMarked
package io.faultline.tests.benchmark;

import org.jspecify.annotations.NullMarked;
