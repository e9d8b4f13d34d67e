package io.faultline.cli.snapshot;

import io.faultline.cli.options.Share;
import io.faultline.memory.Backing;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants of a restore.
 *
 * @param file the snapshot
 * @param backing of guest memory; null for that of the snapshot
 * @param overcommit whether limits of the machine are ignored
 * @param runOn how long a VM without a number of operations runs once its memory is there
 * @param workingSet whether to use and to record one
 * @param standby whether to wait for a line of input before the file is opened
 * @param rehearsal how long to rehearse before that
 * @param snapshot where to save the VM while it is being restored; null for nowhere
 * @param snapshotAt how much of its memory is there then
 */
record RestoreSettings(
    Path file,
    @Nullable Backing backing,
    boolean overcommit,
    Duration runOn,
    boolean workingSet,
    boolean standby,
    Duration rehearsal,
    @Nullable Path snapshot,
    Share snapshotAt) {}
