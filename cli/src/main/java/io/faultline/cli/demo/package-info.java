/**
 * {@code faultline demo}: source and destination in two JVMs on this machine, one migration,
 * verified.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.demo.DemoCommand}: the command; {@code DemoOptions} are the options
 *       that it passes to its nodes.
 *   <li>{@code DemoRun}: checks the options, borrows huge pages, runs the migration through {@link
 *       io.faultline.cli.process.LocalMigration}; {@code DemoEnd} writes and prints the merged
 *       result.
 *   <li>{@code QemuDemoRun}: the same with the guest of a QEMU ({@link io.faultline.cli.qemu}) and
 *       {@code QemuOptions}; in {@code QemuGuestMigration} the guest takes part.
 *   <li>{@code ChaosRun}: the same through a relay that breaks connections and kills the source
 *       ({@link io.faultline.cli.chaos}).
 *   <li>{@code PagingDemoRun}: a VM with more memory than it gets of RAM ({@link
 *       io.faultline.paging}) that does not migrate.
 *   <li>{@code SnapshotDemoRun}: a VM that goes on while a snapshot of it is taken ({@link
 *       io.faultline.snapshot}), with {@code SnapshotOptions}.
 *   <li>{@code KillableSource}: memory file and {@code DemoJournal} of a source that may be killed;
 *       {@code DemoTakeOver}: of a destination.
 * </ul>
 */
@NullMarked
package io.faultline.cli.demo;

import org.jspecify.annotations.NullMarked;
