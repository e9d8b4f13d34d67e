/** Which kernel a command works with: {@link io.faultline.cli.engine.Engines}. */
@NullMarked
package io.faultline.cli.engine;

import org.jspecify.annotations.NullMarked;
