/**
 * Background snapshots: the memory of a VM at one instant, saved while the VM goes on.
 *
 * <pre>
 *             arm, while it runs       pause    the VM runs, its memory is saved
 *  VM      ===========================|       |====================================>
 *  caller     protect all, in passes   re-arm  save block after block, drain ring    index, rename
 *  faults       unprotect, mark                  copy block to ring, unprotect
 * </pre>
 *
 * <ul>
 *   <li>{@link io.faultline.snapshot.BackgroundSnapshot}: the entry: takes one snapshot of a {@link
 *       io.faultline.snapshot.RunningVm}; {@link io.faultline.snapshot.SnapshotReport} is what it
 *       measured.
 *   <li>{@code ProtectedMemory}: the userfaultfd and its {@code ProtectedRegion}s, in blocks of 16
 *       pages, each PROTECTED, TAKEN or SAVED. {@code Arming} protects them before and in the
 *       pause.
 *   <li>{@code WriteFaults}: the thread that serves faults: before the pause it marks what was
 *       written, later it copies the block to the {@code BlockRing}.
 *   <li>{@link io.faultline.snapshot.ArrivingMemory}: memory that a restore is still filling. What
 *       is not there yet ({@code PresentPages}) is left to the snapshot that is being restored
 *       ({@code MissingPages}).
 *   <li>{@code MemorySaver}: walks the memory in order, and drains the ring; {@code PageWriter}
 *       omits zeros.
 * </ul>
 *
 * <p>A block is saved by whoever takes it first. Its contents cannot change until then: a store
 * waits in a write fault. Nobody here reads memory that may fault into a userfaultfd: only stores
 * do, and Java code does none.
 */
@NullMarked
package io.faultline.snapshot;

import org.jspecify.annotations.NullMarked;
