/**
 * The command line.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.Main}: the entry, the list of commands, exit codes.
 *   <li>{@link io.faultline.cli.Errors}: any failure as one line.
 * </ul>
 *
 * <p>Every command's class is loaded for every command, together with the types in its fields and
 * method signatures: command classes hold options, and leave the work (with Netty, Micrometer,
 * Jackson) to classes of their own.
 */
@NullMarked
package io.faultline.cli;

import org.jspecify.annotations.NullMarked;
