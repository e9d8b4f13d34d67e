/**
 * Snapshots of a running guest, measured: {@code io.faultline.snapshot} beside QEMU's way, and
 * beside writing the same bytes to a file alone. Each measurement is a process of its own, which
 * prints a line of JSON.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.bench.snapshots.SnapshotCase}: one way to save a guest, once;
 *       {@link io.faultline.cli.bench.snapshots.DemoSnapshotCase}: {@code demo --snapshot}.
 *   <li>{@link io.faultline.cli.bench.snapshots.SnapshotPrograms}: the C programs, compiled from
 *       {@code writer.c}, the guest, and {@code snapshot-peer.c}.
 *   <li>The program in Java: {@code SnapshotProgram}, with {@code WriterVm}, the same guest as a
 *       VM, and {@code SavedImage}, which checks what was saved.
 * </ul>
 */
@NullMarked
package io.faultline.cli.bench.snapshots;

import org.jspecify.annotations.NullMarked;
