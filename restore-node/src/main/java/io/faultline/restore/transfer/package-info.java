/**
 * Which pages are asked for, when: faults first, then everything else, within a window.
 *
 * <ul>
 *   <li>{@link io.faultline.restore.transfer.Transfer}: the entry.
 *   <li>{@code TaskList} and {@code TaskTransfer}: which pages of each process are wanted, and
 *       which are in flight.
 *   <li>{@code RequestTimer} and {@code RequestWindow}: how much may be in flight.
 *   <li>{@code PagePlacement} and {@code ParkedPages}: what has arrived, and what of it the kernel
 *       refuses. {@link io.faultline.restore.transfer.TransferCounters}: what was done.
 * </ul>
 */
@NullMarked
package io.faultline.restore.transfer;

import org.jspecify.annotations.NullMarked;
