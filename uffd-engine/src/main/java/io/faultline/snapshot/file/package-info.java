/**
 * The file of a snapshot: the memory and the state of one VM at one instant.
 *
 * <pre>
 *   0        4 KiB          data offset                index offset
 *  +--------+--------------+--------------------------+---------+---------+
 *  | header | state        | data extents             | index   | trailer |
 *  | 4 KiB  | n × 4 KiB    | n × 4 KiB, in order of   |         | 80 B    |
 *  |        |              | arrival                  |         |         |
 *  +--------+--------------+--------------------------+---------+---------+
 * </pre>
 *
 * <ul>
 *   <li>Header ({@code SnapshotHeader}): magic, version, page size, size of memory, id, id and path
 *       of the base.
 *   <li>State ({@code StateSection}): VM type, its configuration, its regions, the state of its
 *       devices.
 *   <li>Data: whole base pages, wherever they happened to be appended; compressed in chunks of 64
 *       KiB if that was wanted ({@code CompressedData}, else {@code PlainData}). Offsets in the
 *       index are those that the data would have if it were not compressed.
 *   <li>Index ({@code IndexSection}): which page of which region is where: sorted runs, each at an
 *       offset of the file, or zeros, or in the base; then a CRC32C per 64 KiB of data.
 *   <li>Trailer ({@code SnapshotTrailer}): id, how the data is stored, where the sections are,
 *       their checksums. A file without one is no snapshot.
 * </ul>
 *
 * <p>All numbers are little-endian. A file is written as {@code NAME.new}, made durable, and
 * renamed: nothing of the name {@code NAME} was ever incomplete.
 *
 * <p>A snapshot may leave pages to another one, its {@link
 * io.faultline.snapshot.file.SnapshotBase}. {@code Layers} opens and checks the whole chain, {@link
 * io.faultline.snapshot.file.LayeredRuns} says which file of it has a page.
 *
 * <p>Beside a snapshot there may be its working set: {@link io.faultline.snapshot.file.WorkingSet},
 * {@link io.faultline.snapshot.file.WorkingSetFile}, with {@code WorkingSetFormat}.
 *
 * <p>Writing: {@link io.faultline.snapshot.file.SnapshotWriter}, with {@code RunLog} and {@code
 * DataChecksums}. Reading: {@link io.faultline.snapshot.file.SnapshotFile} checks everything but
 * the data, {@link io.faultline.snapshot.file.SnapshotReader} reads and checks data. Values: {@link
 * io.faultline.snapshot.file.SnapshotId}, {@link io.faultline.snapshot.file.SnapshotVm}, {@link
 * io.faultline.snapshot.file.SnapshotRegion}, {@link io.faultline.snapshot.file.PageRuns}. Errors:
 * {@link io.faultline.snapshot.file.SnapshotException}.
 */
@NullMarked
package io.faultline.snapshot.file;

import org.jspecify.annotations.NullMarked;
