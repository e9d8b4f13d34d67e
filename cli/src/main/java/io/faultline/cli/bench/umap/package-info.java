/**
 * Memory larger than RAM, three ways: umap's own programs on umap, on this project's pager, and on
 * a file that the kernel maps, in a memory cgroup of the same size.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.bench.umap.UmapSettings}: what the command line chose.
 *   <li>{@link io.faultline.cli.bench.umap.UmapLab}: what all cases share: {@code UmapBuild} finds
 *       the user's build of umap, {@code NativePrograms} compiles our shim and helpers.
 *   <li>{@link io.faultline.cli.bench.umap.SortCase}, {@link
 *       io.faultline.cli.bench.umap.AccessCase}: umapsort and pfbenchmark.
 *   <li>{@code PagedSystem}: who pages; it runs a program with {@code MeasuredProgram}, with a
 *       {@code PagerProcess} or in a {@code MemoryCgroup}.
 * </ul>
 */
@NullMarked
package io.faultline.cli.bench.umap;

import org.jspecify.annotations.NullMarked;
