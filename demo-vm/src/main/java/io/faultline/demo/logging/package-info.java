/** Where log lines go: {@link io.faultline.demo.logging.LogSetup}. */
@NullMarked
package io.faultline.demo.logging;

import org.jspecify.annotations.NullMarked;
