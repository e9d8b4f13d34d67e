/**
 * The production nodes in their simulated processes: {@link
 * io.faultline.cli.simulation.node.SourceNode} runs a {@code MigrationSource} with a {@code
 * SourceVm}, {@link io.faultline.cli.simulation.node.DestinationNode} a {@code
 * MigrationDestination} with a {@code DestinationVm}. Both take event loops, channels, time and
 * random numbers from a {@link io.faultline.cli.simulation.node.SimulatedEnvironment}.
 */
@NullMarked
package io.faultline.cli.simulation.node;

import org.jspecify.annotations.NullMarked;
