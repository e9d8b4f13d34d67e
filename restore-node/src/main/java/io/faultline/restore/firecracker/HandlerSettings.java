package io.faultline.restore.firecracker;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants of a handler.
 *
 * @param socket where it listens
 * @param memory the memory file of the snapshot
 * @param hold a directory from which another handler takes over; null to kill VMs that need this
 *     one when it ends
 * @param isBackgroundWanted whether memory is filled that no fault has asked for
 * @param isWorkingSetWanted whether the pages that VMs fault on are recorded beside the memory
 *     file, and filled first for later ones
 */
public record HandlerSettings(
    Path socket,
    Path memory,
    @Nullable Path hold,
    boolean isBackgroundWanted,
    boolean isWorkingSetWanted) {}
