/**
 * Faults for {@code demo --chaos}: a relay between source and destination that cuts connections,
 * turns them into black holes, or kills one of the nodes.
 *
 * <ol>
 *   <li>{@link io.faultline.cli.chaos.ChaosPlan}: the option. {@code FaultSchedule}: which fault
 *       comes after how much memory, from a seed.
 *   <li>{@link io.faultline.cli.chaos.Relay}: accepts the source's connections and connects each to
 *       the destination. It owns one event loop, {@code fl-chaos}, on which everything here
 *       happens, {@link io.faultline.cli.chaos.NodeKiller} included.
 *   <li>{@code RelayedConnection}: one connection; forwards data until a fault hits it. {@code
 *       HandshakeWatch} decodes its hello, from which its {@code ConnectionRole} follows, and RUN.
 * </ol>
 */
@NullMarked
package io.faultline.cli.chaos;

import org.jspecify.annotations.NullMarked;
