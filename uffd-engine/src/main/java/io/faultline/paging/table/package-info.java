/**
 * The data structures of the pager: which page is where, and in which order pages leave. They make
 * no calls of the kernel, start no threads, never wait and, once created, allocate nothing.
 *
 * <ul>
 *   <li>{@link io.faultline.paging.table.StateTable}: a byte per page, of {@link
 *       io.faultline.paging.table.PageState}, queue mark and pins. The one place where threads
 *       agree on who handles a page.
 *   <li>{@link io.faultline.paging.table.FrameBudget}: the hard limit of memory.
 *   <li>{@link io.faultline.paging.table.Run}: consecutive pages in one {@code long}; {@link
 *       io.faultline.paging.table.RunRing}: a queue of them, in the order of eviction.
 *   <li>{@link io.faultline.paging.table.StagingRing}: pages that have left their region and are
 *       not in the store yet.
 *   <li>{@link io.faultline.paging.table.StreamTable}: sequential accesses, and how much to read
 *       for a fault.
 * </ul>
 */
@NullMarked
package io.faultline.paging.table;

import org.jspecify.annotations.NullMarked;
