/**
 * Whole migrations of small VMs over loopback, with both sides in this JVM.
 *
 * <ul>
 *   <li>{@link io.faultline.tests.migration.Migration}: runs and verifies one; {@link
 *       io.faultline.tests.migration.MigrationSetup}: its settings; {@link
 *       io.faultline.tests.migration.MigrationHost}: skips tests that this machine cannot run.
 *   <li>{@code CombinationsTest}, {@code KvmCombinationsTest}: every valid combination of mode,
 *       backing, placement and dirty log, for a simulated VM and for a KVM VM; {@code Combinations}
 *       has what they share.
 *   <li>{@code KindsOfVmTest}: what is sent for VMs that write a lot, only read, are idle, are
 *       zero.
 *   <li>{@code CompressedTest}: LZ4 and Zstandard.
 *   <li>{@code StalePartsFaultTest}: what a fault on a huge page transfers; {@code
 *       VmWritingAtPause} and {@code VmTouchingAtStart} are its VM.
 *   <li>{@code CorruptedPagesTest}: a bit that flips in transit, in {@code FlippingRelay}.
 *   <li>{@code UnreadableStoreTest}: a paged VM, the store of which fails.
 *   <li>{@code DirectSocketSessionTest}: which connections are read past Netty's channel.
 * </ul>
 */
@NullMarked
package io.faultline.tests.migration;

import org.jspecify.annotations.NullMarked;
