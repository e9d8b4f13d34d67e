/**
 * Guest memory.
 *
 * <ul>
 *   <li>{@link io.faultline.memory.Backing}: what memory is made of.
 *   <li>{@link io.faultline.memory.MemoryRegion}: one region of guest memory and its mappings.
 *   <li>{@link io.faultline.memory.GuestAccess}: how simulated vCPUs touch it.
 *   <li>{@link io.faultline.memory.PageBitmap}: a bit for each page, claimed atomically.
 *   <li>{@link io.faultline.memory.DirtyLog}: which pages were written; {@link
 *       io.faultline.memory.WriteProtectDirtyLog} asks the kernel, {@link
 *       io.faultline.memory.DirtyBits} are those of a simulated MMU.
 *   <li>{@link io.faultline.memory.ZeroPages}: which pages hold only zeros.
 * </ul>
 *
 * <p>Three kinds of numbers name a place in memory, and names tell them apart: an <i>offset</i>
 * counts bytes from the start of a region; an <i>address</i> is what the guest's mapping and
 * userfaultfd know; a <i>data address</i> is where Java code and sockets may load and store.
 */
@NullMarked
package io.faultline.memory;

import org.jspecify.annotations.NullMarked;
