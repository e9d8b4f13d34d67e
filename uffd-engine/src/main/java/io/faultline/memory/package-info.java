/**
 * Guest memory, on a real or a simulated {@link io.faultline.uffd.Kernel}.
 *
 * <p>Allocation:
 *
 * <ul>
 *   <li>{@link io.faultline.memory.Backing}: the kind of memory; {@link
 *       io.faultline.memory.Placement}: how received pages are placed into it.
 *   <li>{@link io.faultline.memory.MemoryRegion}: one region, with its guest {@link
 *       io.faultline.memory.Mapping} and its transfer mapping. The guest mapping may be one of
 *       another process. {@link io.faultline.memory.PageCopier} reads memory that may have to be
 *       fetched first, and {@link io.faultline.memory.UnreadableMemoryException} is its failure.
 * </ul>
 *
 * <p>Access:
 *
 * <ul>
 *   <li>{@link io.faultline.memory.GuestAccess}: loads and stores of one simulated vCPU through a
 *       software TLB; confined to the vCPU's thread.
 *   <li>{@link io.faultline.memory.ZeroPages}: detects pages of zeros; {@code NativeMemory}: plain
 *       accesses to present pages.
 * </ul>
 *
 * <p>Page states:
 *
 * <ul>
 *   <li>{@link io.faultline.memory.PageBitmap}: a bit per page, claimed atomically by any thread.
 *   <li>{@link io.faultline.memory.DirtyLog}: which pages were written; {@link
 *       io.faultline.memory.DirtyLogCheck} tests one. {@link
 *       io.faultline.memory.WriteProtectDirtyLog} asks the kernel; {@link
 *       io.faultline.memory.DirtyBits} are those of the simulated MMU, set by {@code GuestAccess}.
 * </ul>
 *
 * <p>Three kinds of numbers denote a place in memory, and names distinguish them: an <i>offset</i>
 * counts bytes from the start of a region; an <i>address</i> is one in the guest mapping, as the
 * guest and userfaultfd use it; a <i>data address</i> is one where Java code and sockets may load
 * and store.
 */
@NullMarked
package io.faultline.memory;

import org.jspecify.annotations.NullMarked;
