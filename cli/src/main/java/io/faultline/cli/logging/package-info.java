/** {@link io.faultline.cli.logging.LogSetup}: where log lines go, and which. */
@NullMarked
package io.faultline.cli.logging;

import org.jspecify.annotations.NullMarked;
