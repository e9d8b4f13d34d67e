/**
 * Many migrations in one JVM.
 *
 * <ul>
 *   <li>{@code SmallMigrationsTest}: migrates small VMs of all kinds, and checks for leaks.
 *   <li>{@code KernelResources}: the descriptors, mappings and threads of this process.
 * </ul>
 */
@NullMarked
package io.faultline.tests.soak;

import org.jspecify.annotations.NullMarked;
