/**
 * Controls a migration that is under way, from another process of the same user.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.control.ControlServer}: the control socket of a node, or of a
 *       pager; {@code ControlSession} is one client of it, {@code PeerCheck} whether it may
 *       connect; {@code Outcomes} are its responses.
 *   <li>{@code ControlledNode}: what a node does with a command; {@code ControlledSource}, {@code
 *       ControlledDestination}, {@code ControlledPager}; {@code SourceStatusJson} and {@code
 *       DestinationStatusJson} are the answers to a query.
 *   <li>{@link io.faultline.cli.control.NodeControl}: the socket of a node that runs a VM itself;
 *       {@code NodeSnapshots} are the snapshots of it, {@code ControlledVm} has those and the
 *       migration.
 *   <li>{@link io.faultline.cli.control.ControlCommand}: {@code faultline control}; {@code
 *       ControlVerb} parses the verb, {@code NodeChoice} finds the node of the {@code ControlRole},
 *       {@link io.faultline.cli.status.ControlClient} talks to it, {@code StatusText} and {@code
 *       WatchView} show the progress.
 * </ul>
 */
@NullMarked
package io.faultline.cli.control;

import org.jspecify.annotations.NullMarked;
