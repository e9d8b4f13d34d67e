/**
 * Memory larger than RAM, measured: the pager of {@code io.faultline.paging} beside a pager in C
 * and beside mmap in a memory cgroup of the size of the buffer. Each measurement is a process of
 * its own, which runs a workload over a store and prints a line of JSON.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.bench.paging.PagingCase}: a {@link
 *       io.faultline.cli.bench.paging.Workload} on a {@link
 *       io.faultline.cli.bench.paging.PagingSystem}, once; {@code MeasuredProcess} runs it, {@link
 *       io.faultline.cli.bench.umap.MemoryCgroup} limits it, {@code ResidentMemory} watches it.
 *   <li>{@link io.faultline.cli.bench.paging.EvictionCase}: what making room costs without a store.
 *   <li>{@link io.faultline.cli.bench.paging.PagingPrograms}: the C programs, compiled from {@code
 *       workload.c}, {@code paging-peer.c}, {@code pager-floor.c} and {@code evict-floor.c}, and
 *       the stores.
 *   <li>The programs in Java: {@code PagedProgram}, which lets the native code of {@code
 *       workload.c} loose on a region, or {@code PagedSort} by {@code PagedAccess}; {@code
 *       EvictionProgram}.
 * </ul>
 */
@NullMarked
package io.faultline.cli.bench.paging;

import org.jspecify.annotations.NullMarked;
