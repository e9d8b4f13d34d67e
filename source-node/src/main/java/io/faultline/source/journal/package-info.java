/**
 * A migration that outlives its source process: the VM's memory is in named files, and what else a
 * later process needs is kept beside them.
 *
 * <ul>
 *   <li>{@link io.faultline.source.journal.Journal}: one migration's, written at each step, and
 *       taken up again.
 *   <li>{@link io.faultline.source.journal.JournalStage}: how far it had come.
 *   <li>{@link io.faultline.source.journal.Journals}: the directory that they are in.
 *   <li>{@link io.faultline.source.journal.JournalSummary}: what one of them tells.
 *   <li>{@link io.faultline.source.journal.RetainedMemory}: memory that a process left behind.
 *   <li>{@code JournalFile}: replaced whole or not at all, and checked when it is read.
 *   <li>{@code JournalLock}: one process at a time.
 *   <li>{@code SettingsCodec}, {@code RegionFiles}: parts of the record, {@code journal.proto}.
 * </ul>
 */
@NullMarked
package io.faultline.source.journal;

import org.jspecify.annotations.NullMarked;
