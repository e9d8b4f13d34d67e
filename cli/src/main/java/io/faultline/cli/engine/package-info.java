/**
 * Which userfaultfd a command uses: {@link io.faultline.cli.engine.EngineOption} and {@link
 * io.faultline.cli.engine.EngineChoice} are the option, {@link io.faultline.cli.engine.Engines}
 * opens the kernel.
 */
@NullMarked
package io.faultline.cli.engine;

import org.jspecify.annotations.NullMarked;
