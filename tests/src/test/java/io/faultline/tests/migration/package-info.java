/**
 * Whole migrations of small VMs, both ends in this JVM, over loopback.
 *
 * <ul>
 *   <li>{@link io.faultline.tests.migration.Migration}: one of them, verified.
 *   <li>{@link io.faultline.tests.migration.MigrationSetup}: mode, placement, dirty log and their
 *       settings.
 *   <li>{@link io.faultline.tests.migration.CombinationsTest}, {@link
 *       io.faultline.tests.migration.KvmCombinationsTest}: each that makes sense.
 *   <li>{@link io.faultline.tests.migration.KindsOfVmTest}: VMs that write much, little, nothing.
 *   <li>{@link io.faultline.tests.migration.StalePartsFaultTest}: what a fault on a huge page
 *       costs.
 * </ul>
 */
@NullMarked
package io.faultline.tests.migration;

import org.jspecify.annotations.NullMarked;
