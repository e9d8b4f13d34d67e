/**
 * The control socket of a node, by which an operator steers a migration that is under way.
 *
 * <ul>
 *   <li>{@link io.faultline.proto.control.ControlMessages}: how a message is written and read.
 *   <li>{@link io.faultline.proto.control.ControlOutcome}: what became of a command.
 * </ul>
 */
@NullMarked
package io.faultline.proto.control;

import org.jspecify.annotations.NullMarked;
