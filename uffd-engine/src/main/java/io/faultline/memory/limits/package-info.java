/**
 * How much memory this process can still take, and who has been promised some of it.
 *
 * <ul>
 *   <li>{@link io.faultline.memory.limits.MemoryLimits} reads every {@link
 *       io.faultline.memory.limits.MemoryLimit}: {@code MachineLimits}, {@code MemoryCgroups},
 *       {@code HugePageLimits}, {@code ProcessLimits}, {@code FileSystemLimit}. They read the files
 *       of {@link io.faultline.uffd.host.SystemFiles}.
 *   <li>{@link io.faultline.memory.limits.MemoryDemand}: what a VM needs.
 *   <li>{@link io.faultline.memory.limits.MemoryReservations}: promises that processes of this
 *       machine have made, so that two do not count the same free memory. {@code Promise}, its text
 *       form {@code PromiseText} and its files {@code PromiseFiles}; {@code TakenMemory}, which is
 *       no longer outstanding; {@code ReservationLock}.
 * </ul>
 */
@NullMarked
package io.faultline.memory.limits;

import org.jspecify.annotations.NullMarked;
