/** Which kernel a command works with: {@link io.faultline.demo.engine.Engines}. */
@NullMarked
package io.faultline.demo.engine;

import org.jspecify.annotations.NullMarked;
