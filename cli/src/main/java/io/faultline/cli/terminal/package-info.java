/**
 * Standard streams. A reader that stops reading, or closes its end, never stops a migration.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.terminal.Terminal}: what the terminal can show.
 *   <li>{@link io.faultline.cli.terminal.CommandOutput}: prints output and messages of a command.
 *   <li>{@link io.faultline.cli.terminal.ErrorStream}: the standard error of the process, for
 *       messages, log lines and the progress bar.
 *   <li>{@code BackgroundWriter}: the thread of each that writes, and may block.
 * </ul>
 */
@NullMarked
package io.faultline.cli.terminal;

import org.jspecify.annotations.NullMarked;
