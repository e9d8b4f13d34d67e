/**
 * Values of options: {@link io.faultline.cli.options.ByteSize}, {@link
 * io.faultline.cli.options.Bandwidth}, {@link io.faultline.cli.options.HostPort}, durations and
 * kinds of memory, all made known to picocli by {@link io.faultline.cli.options.OptionValues};
 * {@link io.faultline.cli.options.UsageException} for wrong use that only a command can see.
 */
@NullMarked
package io.faultline.cli.options;

import org.jspecify.annotations.NullMarked;
