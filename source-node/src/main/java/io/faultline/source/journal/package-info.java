/**
 * The journal of a migration, which lets a later process resume it after the source process has
 * died. The VM's memory is in named files, and everything else that a later process needs is in the
 * journal. Written by the thread that calls {@link io.faultline.source.OwnershipLog}, which is the
 * control loop.
 *
 * <ul>
 *   <li>{@link io.faultline.source.journal.Journals}: the directory of all journals. Creates,
 *       finds, lists and opens them.
 *   <li>{@link io.faultline.source.journal.Journal}: the journal of one migration, as the {@code
 *       OwnershipLog} that records each step before it is taken, and as the start of a later
 *       process.
 *   <li>{@link io.faultline.source.journal.JournalStage}: how far the migration got, and so which
 *       side owns the VM.
 *   <li>{@link io.faultline.source.journal.JournalSummary}: what the status command shows of it.
 *   <li>{@link io.faultline.source.journal.RetainedMemory}: the memory of a committed migration,
 *       which a later process sends.
 *   <li>{@code JournalFile}: the file, replaced atomically and verified by a checksum. {@code
 *       CommitMark}: the word in it that the commit sets. {@code SettingsCodec} and {@code
 *       RegionFiles}: parts of its record, {@code journal.proto}.
 *   <li>{@code JournalLock}: admits one process at a time; {@link
 *       io.faultline.source.journal.BootId}: none after a restart of the machine.
 * </ul>
 */
@NullMarked
package io.faultline.source.journal;

import org.jspecify.annotations.NullMarked;
