/**
 * Many migrations in a row in one JVM.
 *
 * <ul>
 *   <li>{@link io.faultline.tests.soak.KernelResources}: what this process holds of the kernel's.
 *   <li>{@link io.faultline.tests.soak.SmallMigrationsTest}: the row, and that nothing is left.
 * </ul>
 */
@NullMarked
package io.faultline.tests.soak;

import org.jspecify.annotations.NullMarked;
