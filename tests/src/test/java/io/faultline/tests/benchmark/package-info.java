/**
 * JMH benchmarks of the engine's calls on the Linux kernel. The build does not run them: {@code
 * docs/engine-benchmarks.md} describes how to run them, and has results.
 *
 * <ul>
 *   <li>{@code EngineBenchmarks}: runs all of them and the same loops in C, and prints a {@code
 *       ComparisonTable} of {@code Timing}s.
 *   <li>{@code CallBenchmark}, {@code FillBenchmark}: what benchmarks share; {@code BenchMemory}:
 *       the memory that they use; {@code Cpu}: pins their threads.
 *   <li>{@code CopyBenchmark}, {@code ContinueBenchmark}, {@code MoveBenchmark}, {@code
 *       ReceiveBenchmark}: the calls that place pages.
 *   <li>{@code IdleCallBenchmark}, {@code EventReadBenchmark}: wake, and read with and without a
 *       fault.
 *   <li>{@code FaultBenchmark}, {@code FaultHandler}: the round trip of a fault between two
 *       threads.
 *   <li>{@code ZeroPagesBenchmark}: detecting zero pages.
 * </ul>
 */
@NullMarked
package io.faultline.tests.benchmark;

import org.jspecify.annotations.NullMarked;
