/**
 * What replaces the JVM and the operating system under a node. Everything in one run executes on
 * the one thread of that run.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.simulation.runtime.Simulator}: event queue, virtual clock, random
 *       source. Everything that happens is one of its events.
 *   <li>{@link io.faultline.cli.simulation.runtime.SimulatedProcess}: a process that can be stopped
 *       or killed. {@link io.faultline.cli.simulation.runtime.SimulatedLoop}: an event loop in it,
 *       whose tasks are events.
 *   <li>{@link io.faultline.cli.simulation.runtime.CountingAllocator}: the buffers of a process,
 *       over a {@link io.faultline.cli.simulation.runtime.BufferPool} that runs share.
 *   <li>{@link io.faultline.cli.simulation.runtime.Trace}: the lines of {@code --trace}. {@link
 *       io.faultline.cli.simulation.runtime.InvariantLog}: the first violated invariant.
 * </ul>
 */
@NullMarked
package io.faultline.cli.simulation.runtime;

import org.jspecify.annotations.NullMarked;
