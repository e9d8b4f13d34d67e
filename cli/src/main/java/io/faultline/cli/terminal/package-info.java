/** What the terminal can show: {@link io.faultline.cli.terminal.Terminal}. */
@NullMarked
package io.faultline.cli.terminal;

import org.jspecify.annotations.NullMarked;
