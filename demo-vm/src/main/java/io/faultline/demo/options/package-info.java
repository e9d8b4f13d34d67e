/**
 * Values of options: {@link io.faultline.demo.options.ByteSize}, {@link
 * io.faultline.demo.options.Bandwidth}, {@link io.faultline.demo.options.HostPort}, durations and
 * kinds of memory, all made known to picocli by {@link io.faultline.demo.options.OptionValues};
 * {@link io.faultline.demo.options.UsageException} for wrong use that only a command can see.
 */
@NullMarked
package io.faultline.demo.options;

import org.jspecify.annotations.NullMarked;
