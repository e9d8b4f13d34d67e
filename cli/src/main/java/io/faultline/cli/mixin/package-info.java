/**
 * Groups of options that several commands share, as picocli mixins. Each checks its own options and
 * turns them into settings of the nodes, or into arguments for another process.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.mixin.VmOptions}: the VM and its guest program, for {@code demo}
 *       and {@code source}. {@code MemoryCheck} refuses a VM that does not fit. {@link
 *       io.faultline.cli.mixin.PagingOptions}: a VM with more memory than it gets of RAM.
 *   <li>{@link io.faultline.cli.mixin.MigrationOptions}: how it is migrated, for the same commands;
 *       {@code WireOptions} and {@code ScanOptions} are parts of it.
 *   <li>{@link io.faultline.cli.mixin.NodeOptions}: for {@code source} and {@code dest}; {@link
 *       io.faultline.cli.mixin.CommonNodeOptions} is the part that {@code demo} passes to both,
 *       with {@code TimeoutOptions} and {@code SecurityOptions} ({@code SecurityChoice}); {@code
 *       MetricsOptions}: where they publish their meters.
 *   <li>{@link io.faultline.cli.mixin.PopulateOption}: for {@code demo} and {@code dest}; {@link
 *       io.faultline.cli.mixin.OutputOptions}: for all three.
 * </ul>
 */
@NullMarked
package io.faultline.cli.mixin;

import org.jspecify.annotations.NullMarked;
