/**
 * The simulated network. A node writes to a {@link
 * io.faultline.cli.simulation.network.SimulatedChannel}; from there data flows as follows.
 *
 * <ol>
 *   <li>{@link io.faultline.cli.simulation.network.Socket}: one side of a {@link
 *       io.faultline.cli.simulation.network.Connection}. Its {@code FrameSplitter} finds the {@link
 *       io.faultline.cli.simulation.network.WireFrame}s in what the node writes.
 *   <li>{@link io.faultline.cli.simulation.network.Network}: passes each frame through the {@link
 *       io.faultline.cli.simulation.network.FrameTampering} of a planted bug, traces it, notifies
 *       listeners, and may corrupt it.
 *   <li>The frame travels in segments, each with its own latency, to the peer's {@code Socket},
 *       whose channel reads it.
 * </ol>
 *
 * <p>{@link io.faultline.cli.simulation.network.SimulatedServerChannel} accepts connections. Cuts,
 * silence and half-closes are methods of {@code Connection}; outages, delays, corruption and
 * replays are methods of {@code Network}.
 */
@NullMarked
package io.faultline.cli.simulation.network;

import org.jspecify.annotations.NullMarked;
