/**
 * {@code faultline uffd-handler} measured beside a handler in C, by a program with Firecracker's
 * protocol ({@code microvm.c}).
 *
 * <ul>
 *   <li>{@link io.faultline.cli.bench.firecracker.HandlerFaultCase}: how long a VM waits for a
 *       page; {@link io.faultline.cli.bench.firecracker.HandlerStormCase}: memory given back beside
 *       faults.
 *   <li>{@code RunningHandler}: a handler, on a CPU of its own where there are two ({@code
 *       CpuPair}).
 *   <li>{@link io.faultline.cli.bench.firecracker.HandlerPrograms}: the C programs, compiled, and
 *       the memory file.
 * </ul>
 */
@NullMarked
package io.faultline.cli.bench.firecracker;

import org.jspecify.annotations.NullMarked;
