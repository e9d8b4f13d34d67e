/** Where log lines go: {@link io.faultline.cli.logging.LogSetup}. */
@NullMarked
package io.faultline.cli.logging;

import org.jspecify.annotations.NullMarked;
