/**
 * Standard streams: {@link io.faultline.cli.terminal.Terminal} knows what the terminal can show,
 * {@link io.faultline.cli.terminal.CommandOutput} prints output and messages.
 */
@NullMarked
package io.faultline.cli.terminal;

import org.jspecify.annotations.NullMarked;
