/** The console of a guest that checks itself: {@link io.faultline.qemu.console.ConsoleChecks}. */
@NullMarked
package io.faultline.qemu.console;

import org.jspecify.annotations.NullMarked;
