/** What the terminal can show: {@link io.faultline.demo.terminal.Terminal}. */
@NullMarked
package io.faultline.demo.terminal;

import org.jspecify.annotations.NullMarked;
