/**
 * {@code faultline source}: runs a VM and migrates it.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.source.SourceCommand}: the command.
 *   <li>{@code SourceRun}: checks the options, rehearses, starts the VM and migrates it. {@code
 *       ResumeRun}: the same for {@code --resume}, from the journal of a dead source. {@code
 *       SurvivingVm}: a VM that stays because its migration failed before RUN; {@code VmAtSource}
 *       describes that, {@code LateCancellation} notifies the destination.
 *   <li>{@code SourceMigration}: starts the {@code MigrationSource}, shows progress until it ends,
 *       and prints the result. {@code CancelOnExit} cancels it on Ctrl-C, on its own thread.
 *   <li>{@code JournalSetup} decides whether there is a journal; {@code MigrationJournal} is that
 *       of a migration.
 *   <li>{@code StatusOwnershipLog}: records in journal and status file each step by which the VM
 *       changes owner, called by the thread of the migration.
 *   <li>{@code QemuSourceRun}: the same for the guest of a QEMU, which is not started here; {@code
 *       QemuResumeRun}: with {@code --resume}; {@code AbandonedMigrations} ends those of nodes that
 *       were killed.
 * </ul>
 */
@NullMarked
package io.faultline.cli.source;

import org.jspecify.annotations.NullMarked;
