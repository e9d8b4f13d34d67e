/**
 * Nodes as child processes, for {@code demo} and {@code bench}.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.process.LocalMigration}: starts {@code dest}, then {@code source},
 *       replaces a source that was killed, and merges both results. Confined to the caller's
 *       thread; a thread of each child passes on the lines that the child prints.
 *   <li>{@code LocalSource}: the source, and those that resume from it; {@code LocalDestination}:
 *       the destination, and those that take over from it.
 *   <li>{@code NodeLauncher}: the options and files of both; {@code ChildNode}: one child JVM.
 *   <li>{@link io.faultline.cli.process.SourceCheckpoint}: where a source waits for the process
 *       that has started it.
 *   <li>{@link io.faultline.cli.process.VmEnd}: waits for a VM with {@code --ops}, for {@code dest}
 *       and {@code source}.
 *   <li>{@code JvmOptions}: the options of a child JVM.
 * </ul>
 */
@NullMarked
package io.faultline.cli.process;

import org.jspecify.annotations.NullMarked;
