/**
 * Which migrations are measured. {@link io.faultline.cli.bench.cases.CaseCatalog} lists every case
 * in the order of the tables; each of these adds the cases of its tables to a {@code CaseList}:
 *
 * <ul>
 *   <li>{@code FaultAndBulkCases}: remote faults, their timeline, bulk transfer, garbage
 *       collectors.
 *   <li>{@code RecordingCases}: remote faults with and without a report.
 *   <li>{@link io.faultline.cli.bench.cases.QemuComparisonCases}: identical guests under KVM, by
 *       this project and by QEMU.
 *   <li>{@code DowntimeAndPlacementCases}: downtime by RAM size, placements by page size.
 *   <li>{@code WorkloadCases}: guest workloads with optimizations switched off.
 *   <li>{@link io.faultline.cli.bench.cases.CriuCases}: processes that CRIU moves, with its daemon
 *       and with ours.
 *   <li>{@link io.faultline.cli.bench.cases.PagingCases}: memory larger than RAM, by our pager, by
 *       one in C and by mmap.
 *   <li>{@link io.faultline.cli.bench.cases.SnapshotCases}: snapshots of running guests, by this
 *       project and in QEMU's way.
 * </ul>
 */
@NullMarked
package io.faultline.cli.bench.cases;

import org.jspecify.annotations.NullMarked;
