/**
 * Migrations in a simulated world, thousands a minute, each from one seed: both nodes as they are
 * in production, over a network, a kernel, a clock and processes that are simulated.
 *
 * <p>Read it from the outside in:
 *
 * <ul>
 *   <li>{@code SimulateCommand}: the command; {@code Campaign}: many runs, counted in a {@code
 *       CampaignTally}; {@code Bug}: what can be planted.
 *   <li>{@code SimulationRun}: one run, with a {@code Plan} and {@code FaultInjector}, until its
 *       {@code RunEnd}, judged by a {@code EndStateCheck}: an {@code Ending}, in a {@code
 *       RunResult}.
 *   <li>What must hold: {@code InvariantLog}, {@code BufferBounds}; {@code Guest}, its {@code
 *       RegionModel}s and {@code Vcpu}s; {@code CheckedKernel} and {@code CheckedUserfaultfd}.
 *   <li>The nodes: {@code SourceNode} with a {@code SourceVm}, {@code DestinationNode} with a
 *       {@code DestinationVm}, each in a {@code SimulatedProcess}.
 *   <li>The world: {@code World} is clock, events and chance; {@code Trace} tells of it.
 *   <li>What the nodes stand on: {@code SimulatedHost}, {@code SimulatedLoop}, {@code
 *       SimulatedChannel}, {@code SimulatedServerChannel}, {@code CountingAllocator} over a {@code
 *       BufferPool}.
 *   <li>The network: {@code Network}, {@code Link}, {@code Socket}; {@code FrameSplitter} finds
 *       {@code WireFrame}s, which {@code FrameTampering} may change: {@code EarlyRun}, {@code
 *       OffByOne}, {@code PagesTwice}, {@code LatePages}.
 * </ul>
 */
@NullMarked
package io.faultline.cli.simulation;

import org.jspecify.annotations.NullMarked;
