/**
 * A network that fails on purpose, between the two ends of a demo.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.chaos.ChaosPlan}: what is to happen, as on the command line.
 *   <li>{@link io.faultline.cli.chaos.Relay}: passes connections on, until it does not.
 *   <li>{@code FaultSchedule}: which fault comes when, from a seed.
 *   <li>{@code RelayedConnection}: one connection, cut or made a black hole.
 *   <li>{@code ConnectionRole}: which connection of a migration one is.
 *   <li>{@code HandshakeWatch}: what a connection is, and when the VM was handed over.
 * </ul>
 */
@NullMarked
package io.faultline.cli.chaos;

import org.jspecify.annotations.NullMarked;
